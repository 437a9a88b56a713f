/**
 * Collations of MySQL and MariaDB under which two printable ASCII strings are equal only if they have the same letters and digits, case
 * aside. Those of languages are not among them (Lithuanian takes 'y' for 'i'), nor are the general ones of rare character sets (that of
 * macce takes 'M' for 'n').
 */
const exact: readonly RegExp[] = [
  /_bin$/,
  /^(?:utf8|utf8mb3|utf8mb4|ucs2|utf16|utf16le|utf32)_(?:general|unicode|unicode_520)_(?:nopad_)?ci$/,
  /^(?:latin1|latin2|cp1250|cp1251|cp1256|greek|hebrew|koi8r|koi8u)_general_(?:nopad_)?c[is]$/,
  /^latin1_swedish_(?:nopad_)?ci$/,
  /^ascii_general_(?:nopad_)?ci$/,
  /^utf8mb4_0900_(?:ai_ci|as_ci|as_cs|bin)$/,
  // MariaDB shows them with or without the character set.
  /^(?:[0-9a-z]+_)?uca1400_(?:nopad_)?a[is]_c[is]$/,
]

/** Are equal strings of a collation, named in lower case, known to have the same canonical form? */
export function hasExactCollation(collation: string): boolean {
  return exact.some((pattern) => pattern.test(collation))
}
