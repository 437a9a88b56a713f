import { describeMatrix } from './every-pair.ts'

describeMatrix('sqlite')
