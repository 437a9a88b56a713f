import type { BuilderShape, CompiledStatement } from './client-shape.ts'
import { ownBindings } from './own-bindings.ts'

/** A builder's statement, compiled when it is first needed and not again. */
export class Compilation {
  readonly #builder: BuilderShape
  #statement: CompiledStatement | undefined

  constructor(builder: BuilderShape) {
    this.#builder = builder
  }

  get statement(): CompiledStatement {
    this.#statement ??= compile(this.#builder)
    return this.#statement
  }
}

function compile(builder: BuilderShape): CompiledStatement {
  const compiled = builder.toSQL() as CompiledStatement
  if (compiled.bindings !== undefined) compiled.bindings = ownBindings(compiled.bindings)
  return compiled
}
