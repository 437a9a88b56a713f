import { describeBursts } from './one-process.ts'

describeBursts('postgres')
