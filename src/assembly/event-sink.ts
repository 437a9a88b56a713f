import type { EventSink, MillraceEvent } from '../contract/events.ts'

/**
 * Where background events go: to the user's listener, else to `process.emitWarning`, each type once. What a listener throws
 * becomes a warning too; it never reaches the room that reported.
 */
export function createEventSink(listener: EventSink | undefined): EventSink {
  const warned = new Set<string>()
  const warn = (event: MillraceEvent): void => {
    if (warned.has(event.type)) return
    warned.add(event.type)
    process.emitWarning(describe(event), {
      type: 'MillraceWarning',
      code: `MILLRACE_EVENT_${event.type.toUpperCase().replaceAll('-', '_')}`,
    })
  }
  if (listener === undefined) return warn
  return (event) => {
    try {
      listener(event)
    } catch (error) {
      process.emitWarning(`The onEvent listener threw: ${String(error)}`, 'MillraceWarning')
    }
  }
}

function describe(event: MillraceEvent): string {
  const place = 'connection' in event ? ` on connection "${event.connection}"` : ''
  const detail = 'error' in event ? `: ${event.error.message}` : ''
  const more = ' (further events of this kind are not shown; give options.onEvent to see them all)'
  return `Millrace: ${event.type}${place}${detail}${more}`
}
