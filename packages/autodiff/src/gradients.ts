import { type GraphBuilder, isFloat, type Node, sameShape, sizeOf, type Value } from '@weft/graph'
import { notFloat, notScalar, refused, sizeTaken, wrongShape } from './errors.ts'
import type { Vjp } from './rule.ts'
import { rules } from './rules/index.ts'
import { unbroadcast } from './unbroadcast.ts'
import { zeros } from './zeros.ts'

/**
 * Gradients of a scalar by some values, as more of the same graph. One walk back from the loss over the nodes that lie
 * between it and `wrt`; nothing is computed toward anything else. A value that the loss does not depend on gets zeros.
 * Gradients are named `<value>_grad`, their nodes lie under `<node>_Grad`.
 *
 * @throws `refused` for an inference-only op on the way, `not_scalar`, `not_float`.
 */
export function gradients(g: GraphBuilder, loss: Value, wrt: readonly Value[]): Value[] {
  if (sizeOf(loss.shape) !== 1) throw notScalar(loss.name, loss.shape)
  for (const value of [loss, ...wrt]) if (!isFloat(value.dtype)) throw notFloat(value.name, value.dtype)
  const nodes = nodesUnder(loss)
  const active = activeValues(nodes, wrt)
  const sums = new Map<Value, Value>()
  if (active.has(loss)) sums.set(loss, g.expand(g.constant(1, [], loss.dtype), loss.shape))
  for (const node of nodes.reverse()) {
    if (!node.outputs.some((y) => sums.has(y))) continue
    g.scope(`${node.name.slice(1)}_Grad`, () => addInputGradients(g, node, active, sums))
  }
  return wrt.map((x) => {
    const sum = sums.get(x)
    return sum ? named(g, sum, x) : zeros(g, x.dtype, x.shape)
  })
}

/** Adds what flows back through one node to the sums of its active inputs. */
function addInputGradients(g: GraphBuilder, node: Node, active: ReadonlySet<Value>, sums: Map<Value, Value>): void {
  const rule = rules[node.op] as Vjp | 'zero' | 'refuse'
  if (rule === 'refuse') throw refused(node.op, node.name)
  if (rule === 'zero') return
  const cts = node.outputs.map((y) => {
    const sum = sums.get(y)
    return sum ? named(g, sum, y) : zeros(g, y.dtype, y.shape)
  })
  const inputs = node.inputs as Value[]
  const parts = rule({ g, inputs, outputs: node.outputs, attributes: node.attributes, ct: cts[0], cts })
  inputs.forEach((x, i) => {
    const part = x && active.has(x) ? parts[i] : undefined
    if (!part) return
    const ct = unbroadcast(g, part(), x.shape)
    // A symbol beside a number above 1: its size may be that number, or 1.
    if (ct.shape.length === x.shape.length && x.shape.some((size, i) => typeof size === 'string' && typeof ct.shape[i] === 'number'))
      throw sizeTaken(node.op, node.name, x.shape, ct.shape)
    if (!sameShape(ct.shape, x.shape)) throw wrongShape(node.op, node.name, i, x.shape, ct.shape)
    const sum = sums.get(x)
    sums.set(x, sum ? g.add(sum, ct) : ct)
  })
}

const named = (g: GraphBuilder, ct: Value, of: Value): Value => g.rename(ct, `${of.name}_grad`)

/** The nodes a value is computed by, in the order in which they were built. */
function nodesUnder(value: Value): Node[] {
  const found = new Set<Node>()
  const stack = [value]
  while (stack.length) {
    const { node } = stack.pop()!
    if (!node || found.has(node)) continue
    found.add(node)
    for (const input of node.inputs) if (input) stack.push(input)
  }
  return [...found].sort((a, b) => a.outputs[0].id - b.outputs[0].id)
}

/** What depends on `wrt` in a way that carries a gradient. */
function activeValues(nodes: readonly Node[], wrt: readonly Value[]): Set<Value> {
  const active = new Set(wrt)
  for (const { op, inputs, outputs } of nodes) {
    if (rules[op] === 'zero' || !inputs.some((x) => x && active.has(x))) continue
    for (const y of outputs) if (isFloat(y.dtype)) active.add(y)
  }
  return active
}
