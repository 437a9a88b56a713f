/** An object of Knex's, seen by its fields. */
export type Fields = Readonly<Record<string, unknown>>

/** Another object of the same class, with some fields changed; the object itself stays as it is. */
export function copyWith<T extends object>(object: T, changes: Fields): T {
  const copy = Object.create(Object.getPrototypeOf(object) as object) as T
  return Object.assign(copy, object, changes)
}
