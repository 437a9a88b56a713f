/** Shows that a forked fixture runs and can import the library; see `support.test.ts`. */
import { MillraceError } from '../../src/base/errors.ts'

process.on('message', (message: unknown) => {
  process.send?.({ echo: message, codes: new MillraceError('MILLRACE_CLOSED', '').code })
})
