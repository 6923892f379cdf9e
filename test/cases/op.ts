import { checkGradients } from '@weft/autodiff'
import { interpret, lower } from '@weft/graph'
import { describe, expect, test } from 'vitest'
import { caseGraph, difference, differentiable, hasSymbols, type OpCase } from './op-case.ts'

/** Everything that holds for every op: what its family's test calls. */
export function testOps(family: string, cases: readonly OpCase[]): void {
  describe.each(cases.map((c) => [c.name, c] as const))(`${family}: %s`, (_, c) => {
    const graph = caseGraph(c)
    const results = interpret(graph, c.inputs)

    test('runs, with the types that were inferred', () => {
      for (const { name, value } of graph.outputs) {
        expect(results[name].dtype).toBe(value.dtype)
        expect(results[name].shape).toEqual(value.shape)
      }
      if (c.expected) expect(difference(results.y0, { ...results.y0, data: Float64Array.from(c.expected) })).toBeLessThan(1e-6)
    })

    if (lower(graph) !== graph)
      test('equals its expansion', () => {
        const expanded = interpret(lower(graph), c.inputs)
        for (const name of Object.keys(results)) expect(difference(expanded[name], results[name])).toBeLessThan(1e-6)
      })

    if (hasSymbols(c))
      test('gives the same with symbolic sizes', () => {
        const symbolic = interpret(caseGraph(c, true), c.inputs)
        for (const name of Object.keys(results)) expect(symbolic[name]).toEqual(results[name])
      })

    const wrt = differentiable(c, graph)
    if (wrt.length)
      test('has the gradient that finite differences give', () => {
        for (const { input, error } of checkGradients(c.build, c.inputs, { wrt })) {
          expect(error, `by ${input}`).toBeLessThan(c.tolerance ?? 1e-6)
        }
      })
  })
}
