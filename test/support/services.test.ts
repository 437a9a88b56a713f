import { expect, inject, test } from 'vitest'
import { serviceNames, servicesRequired } from './services.ts'

test.for(serviceNames)('%s answers, where services are required', (name, context) => {
  const { missing, url } = inject('millraceServices')[name]
  if (missing !== undefined && !servicesRequired()) context.skip(`no server at ${url}`)
  expect(missing).toBeUndefined()
})
