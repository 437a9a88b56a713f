/** Where the demo writes; `process.stdout`, unless a test gives something else. */
export interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** A task on its way: a bar on a terminal, a line for each quarter elsewhere. */
export interface Progress {
  /** @param done the share that is done, 0 to 1 */
  show(done: number, note: string): void
  end(note: string): void
}

const width = 30

export function startProgress(title: string, output: Output = process.stdout): Progress {
  const label = `  ${title.padEnd(22)}`
  return output.isTTY === true ? bar(label, output) : lines(label, output)
}

function bar(label: string, output: Output): Progress {
  let drawn = ''
  const draw = (text: string): void => {
    if (text !== drawn) output.write(`\r\x1b[K${text}`)
    drawn = text
  }
  return {
    show(done, note) {
      const filled = Math.round(done * width)
      draw(`${label}${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${note}`)
    },
    end(note) {
      draw(`${label}${note}\n`)
    },
  }
}

function lines(label: string, output: Output): Progress {
  let quarters = 0
  return {
    show(done, note) {
      if (done >= 1 || Math.floor(done * 4) <= quarters) return
      quarters = Math.floor(done * 4)
      output.write(`${label}${String(quarters * 25).padStart(3)} %  ${note}\n`)
    },
    end(note) {
      output.write(`${label}${note}\n`)
    },
  }
}
