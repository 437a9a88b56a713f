import { open } from 'node:fs/promises'

/*
 * LMDB maps the file into memory and follows what it finds there: a file of another kind ends the process instead of giving an
 * error. So its two meta pages are looked at first. Offsets count from the start of a page (16 bytes of page header on the
 * front, padded to 24): magic u32 at 24, version u32 at 28, page size u32 at 48, root page of the main tree u64 at 136.
 */
const magic = 0xbeefc0de
const dataVersion = 2
const metaLength = 160

/** What is wrong with a journal's file, or `undefined` when LMDB can open it. A file that is not there, or empty, is well. */
export async function faultInFile(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (file === undefined) return undefined
  try {
    const { size } = await file.stat()
    if (size === 0) return undefined
    const first = Buffer.alloc(metaLength)
    await file.read(first, 0, metaLength, 0)
    const pageSize = first.readUInt32LE(48)
    if (pageSize < 256 || pageSize > 65_536 || size < 2 * pageSize) return 'it is no LMDB file'
    const second = Buffer.alloc(metaLength)
    await file.read(second, 0, metaLength, pageSize)
    for (const meta of [first, second]) {
      if (meta.readUInt32LE(24) !== magic) return 'it is no LMDB file'
      if (meta.readUInt32LE(28) !== dataVersion) return 'its LMDB has another data format'
    }
    const roots = [first, second].map((meta) => meta.readBigUInt64LE(136))
    const reached = roots.some((root) => root === emptyTree || pages(size, pageSize) > root)
    return reached ? undefined : 'it is cut off'
  } finally {
    await file.close()
  }
}

/** The root of a tree without entries. */
const emptyTree = 0xffff_ffff_ffff_ffffn

function pages(size: number, pageSize: number): bigint {
  return BigInt(Math.floor(size / pageSize))
}
