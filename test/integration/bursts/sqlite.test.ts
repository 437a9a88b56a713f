import { describeBursts } from './one-process.ts'

describeBursts('sqlite')
