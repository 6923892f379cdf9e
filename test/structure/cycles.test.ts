import { expect, test } from 'vitest'
import { imports, resolved, type Source, sources } from './sources.ts'

/**
 * A builder's methods are the ops, and an op that is made of others is written with a builder: these files know each other by design.
 */
const builderAndOps = (file: string): boolean => /^packages\/graph\/src\/((builder|op|value)\.ts|ops\/)/.test(file)

const edges = new Map(sources.map((source) => [source.file, targets(source)]))

function targets(source: Source): string[] {
  const found = imports(source.text).map((name) => resolved(source, name))
  return [...new Set(found.filter((target) => target !== null))]
}

/** Strongly connected components of more than one file (Tarjan, "Depth-first search and linear graph algorithms", 1972). */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const open = new Set<string>()
  const found: string[][] = []
  const visit = (node: string): void => {
    index.set(node, index.size)
    low.set(node, index.get(node)!)
    stack.push(node)
    open.add(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next)
      if (open.has(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!))
    }
    if (low.get(node) !== index.get(node)) return
    const component = stack.splice(stack.indexOf(node))
    for (const member of component) open.delete(member)
    if (component.length > 1) found.push(component.sort())
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return found
}

test('a cycle is found, however long', () => {
  expect(
    cycles(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['a', 'd']],
        ['d', []],
      ]),
    ),
  ).toEqual([['a', 'b', 'c']])
  expect(
    cycles(
      new Map([
        ['a', ['b', 'c']],
        ['b', ['c']],
        ['c', []],
      ]),
    ),
  ).toEqual([])
})

test('no file imports itself through others, types included', () => {
  expect(edges.size).toBeGreaterThan(300)
  expect(cycles(edges).filter((component) => !component.every(builderAndOps))).toEqual([])
})
