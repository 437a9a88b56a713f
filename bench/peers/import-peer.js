// Stands beside the packages, not in the compiled form: packages are looked for from where a module lies.

/** @param {string} name @returns {Promise<unknown>} */
export function importPeer(name) {
  return import(name)
}
