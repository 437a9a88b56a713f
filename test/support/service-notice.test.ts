import { expect, test } from 'vitest'
import { serviceNotice } from './service-notice.ts'
import { type Service, type ServiceName, type Services, servicesRequired } from './services.ts'

const service = (name: ServiceName, missing?: string): Service => ({
  name,
  url: `${name}://there`,
  variable: `${name}_URL`,
  pointedAt: false,
  missing,
})
const allThere: Services = {
  postgres: service('postgres'),
  mysql: service('mysql'),
  redis: service('redis'),
}

test('nothing is said of services that are in their places until the end', () => {
  const history = { services: allThere, replaced: [], afterwards: allThere }
  expect(serviceNotice(history)).toBeUndefined()
})

test('a service that is missing is named, and what became of its tests', () => {
  const services = { ...allThere, redis: service('redis', 'refused') }
  const notice = serviceNotice({ services, replaced: [], afterwards: services })
  const outcome = servicesRequired() ? 'FAILED' : 'were SKIPPED'
  expect(notice).toContain(`NO REDIS at redis://there: its tests ${outcome}.`)
  expect(notice).toContain('refused. Set redis_URL to point elsewhere.')
  expect(notice).not.toContain('MYSQL')
})

test('a service in whose place the run started one of its own is named', () => {
  const replaced = [service('mysql', 'refused')]
  const notice = serviceNotice({ services: allThere, replaced, afterwards: allThere })
  expect(notice).toContain('MYSQL did not answer at mysql://there: this run used one of its own.')
})

test('a service that died during the run is named', () => {
  const afterwards = { ...allThere, postgres: service('postgres', 'refused') }
  const notice = serviceNotice({ services: allThere, replaced: [], afterwards })
  expect(notice).toContain('POSTGRES at postgres://there DIED during this run')
  expect(notice).toContain('refused')
})
