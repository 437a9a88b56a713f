/** The placeholders of a raw statement's SQL, in their order. */
export type RawPlan = readonly Placeholder[]

/** One placeholder. */
export interface Placeholder {
  /** The name of its binding; empty where the placeholder goes by its position. */
  readonly key: string
  /** Whether it stands for a name, `??` or `:name:`, and not for a value. */
  readonly isName: boolean
}

/** `?` and `??`, but for `\?`. */
export function positionalPlan(sql: string): RawPlan {
  const plan: Placeholder[] = []
  for (const [match] of sql.matchAll(/\\?\?\??/g)) {
    if (match !== '\\?') plan.push({ key: '', isName: match === '??' })
  }
  return plan
}

/** `:name` and `:name:`, but for `\:name`. Knex tries all and leaves those without a binding as they are: they may be casts. */
export function namedPlan(sql: string): RawPlan {
  const plan: Placeholder[] = []
  for (const [match, placeholder, ...keys] of sql.matchAll(
    /\\?(:(\w+):(?=::)|:(\w+):(?!:)|:(\w+))/g,
  )) {
    if (match !== placeholder) continue
    const key = keys.find((part) => typeof part === 'string' && part !== '') ?? ''
    plan.push({ key, isName: match.endsWith(':') })
  }
  return plan
}
