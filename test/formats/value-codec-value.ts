/** One value of every kind that format version 1 of the value codec has. */
export function versionOneValue(): unknown {
  const bare = Object.assign(Object.create(null) as Record<string, unknown>, { id: 1 })
  const holes: unknown[] = ['first']
  holes[5] = 'sixth'
  return [
    [null, undefined, false, true],
    [0, 127, 128, -1, -128, 300, -300, 70_000, -70_000, 2 ** 31, 2 ** 53, 0.5],
    [-0, NaN, Infinity, -Infinity],
    [0n, 1n, -1n, 2n ** 64n, -(2n ** 200n)],
    ['', 'short', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(300), 'grün', '木', '🪵', '\ud800'],
    [new Date(0), new Date(1_700_000_000_123), new Date(-1)],
    [Buffer.from('bytes'), new Uint8Array([0, 255]), Buffer.alloc(0)],
    [{ id: 1, name: 'a' }, { id: 2, name: 'b' }, { '木': 1, '': 2 }, bare],
    JSON.parse('{"__proto__": [1]}'),
    holes,
    new Map<unknown, unknown>([['a', 1], [{ b: 2 }, [3]]]),
    new Set([1, 'a', null]),
  ]
}
