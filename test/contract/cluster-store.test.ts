import { test } from 'vitest'
import { storeConformance } from '../../src/testing/store-conformance.ts'
import { clusterRig } from './rigs.ts'

storeConformance('two workers', (options) => clusterRig(options, 'worker'), { test })
storeConformance('primary and worker', (options) => clusterRig(options, 'primary'), { test })
