import { describeBursts } from './one-process.ts'

describeBursts('mysql')
