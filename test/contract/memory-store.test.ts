import { test } from 'vitest'
import { storeConformance } from '../../src/testing/store-conformance.ts'
import { memoryRig } from './rigs.ts'

storeConformance('memory', memoryRig, { test })
