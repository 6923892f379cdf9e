import type { Expression, Statement } from './nodes.ts'

type Body = readonly Statement[]

/** Names that a body has spoken of so far, and those that it assigns before it reads them. */
interface Frame {
  known: Set<string>
  hidden: Set<string>
  outer: Frame | null
}

/**
 * Which names each body hides from the template's variables. Jinja gives every body a place for the names that it assigns; where a name is assigned
 * before the body itself reads it, and no body around knows it, bodies within that are run earlier find the place empty: they do not see a
 * variable of that name. What is assigned in one branch of an `if` hides nothing.
 */
export const hiddenNames = (root: Body): ReadonlyMap<Body, readonly string[]> => {
  const found = new Map<Body, readonly string[]>()
  const knows = (frame: Frame | null, name: string): boolean => frame !== null && (frame.known.has(name) || knows(frame.outer, name))

  const analyze = (body: Body, outer: Frame | null, names: readonly string[] = []): void => {
    const frame: Frame = { known: new Set(names), hidden: new Set(), outer }
    const within: (() => void)[] = []
    read(body, frame, true, within)
    found.set(body, [...frame.hidden])
    for (const analyzeInner of within) analyzeInner()
  }
  const store = (target: Expression, frame: Frame, always: boolean): void => {
    for (const name of targets(target)) {
      if (always && !knows(frame, name)) frame.hidden.add(name)
      frame.known.add(name)
    }
  }
  const load = (node: unknown, frame: Frame): void => {
    for (const name of names(node)) if (!knows(frame, name)) frame.known.add(name)
  }
  /** `always`: not in a branch that may not be taken. Bodies within are put off until all of this one is known. */
  const read = (body: Body, frame: Frame, always: boolean, within: (() => void)[]): void => {
    const inner = (its: Body, own: readonly string[] = []): unknown => within.push(() => analyze(its, frame, own))
    for (const node of body) {
      if (node.type === 'print') load(node.expression, frame)
      else if (node.type === 'if') {
        for (const { test } of node.branches) load(test, frame)
        for (const branch of [...node.branches.map((each) => each.body), node.otherwise]) read(branch, frame, false, within)
      } else if (node.type === 'for') {
        load(node.iterable, frame)
        inner(node.body, [...targets(node.target), 'loop'])
        inner(node.otherwise)
      } else if (node.type === 'set') {
        load(node.value, frame)
        store(node.target, frame, always)
      } else if (node.type === 'capture') {
        store(node.target, frame, always)
        inner(node.body)
      } else if (node.type === 'with') {
        load(node.values, frame)
        inner(node.body, node.targets.flatMap(targets))
      } else if (node.type === 'macro') {
        store({ type: 'name', name: node.name }, frame, always)
        inner(node.body, node.parameters)
      } else if (node.type === 'callBlock') {
        load(node.call, frame)
        inner(node.macro.body, node.macro.parameters)
      } else if (node.type === 'filterBlock') {
        load(node.filter, frame)
        inner(node.body)
      } else if (node.type === 'generation' || node.type === 'block') inner(node.body)
    }
  }
  analyze(root, null)
  return found
}

const targets = (target: Expression): string[] => {
  if (target.type === 'name') return [target.name]
  return target.type === 'tuple' ? target.items.flatMap(targets) : []
}

/** Names that an expression reads. */
const names = (node: unknown): string[] => {
  if (node === null || typeof node !== 'object') return []
  const { type, name } = node as { type?: unknown; name?: unknown }
  const own = (type === 'name' || type === 'attributeOfName') && typeof name === 'string' ? [name] : []
  return [...own, ...Object.values(node).flatMap(names)]
}
