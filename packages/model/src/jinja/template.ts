import { executeBody } from './execute.ts'
import { globals } from './globals.ts'
import { Output, type Span } from './output.ts'
import { Scope } from './scope.ts'
import { hiddenNames } from './syntax/hidden-names.ts'
import type { Statement } from './syntax/nodes.ts'
import { parse } from './syntax/parser.ts'
import { toPython } from './values/convert.ts'

export interface Rendered {
  text: string
  /** What stands in `{% generation %}` blocks, in order; null where one was written within a macro or a captured text, and its place is lost. */
  generations: Span[] | null
}

/**
 * A Jinja template, rendered as Transformers renders chat templates: a sandbox in which nothing given can be changed, with `trim_blocks`,
 * `lstrip_blocks`, `break` and `continue`, `{% generation %}`, `raise_exception`, `strftime_now`, and a `tojson` that leaves HTML alone.
 * Values are Python's: they print, compare, divide and count as there.
 */
export class Template {
  readonly #body: readonly Statement[]
  readonly #hidden: ReturnType<typeof hiddenNames>
  /** Whether there are `{% generation %}` blocks. */
  readonly marksGenerations: boolean
  /** @throws ModelError `invalid_template` */
  constructor(source: string) {
    this.#body = parse(source)
    this.#hidden = hiddenNames(this.#body)
    this.marksGenerations = hasGeneration(this.#body)
  }
  /** @throws ModelError `template_failed`, also for what the template itself objects to */
  render(variables: Record<string, unknown>, { now = () => new Date() }: { now?: () => Date } = {}): Rendered {
    const known = new Scope(null, [...globals(now), ...Object.entries(variables).map(([name, value]) => [name, toPython(value)] as const)])
    const out = new Output(null, this.#hidden)
    executeBody(this.#body, new Scope(known), out)
    return { text: out.text, generations: out.spansLost ? null : out.spans }
  }
}

const hasGeneration = (node: unknown): boolean => {
  if (node === null || typeof node !== 'object') return false
  return (node as { type?: unknown }).type === 'generation' || Object.values(node).some(hasGeneration)
}
