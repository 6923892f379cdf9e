import { readFileSync, rmSync } from 'node:fs'

/** Time of one kind of operator over all recorded runs. */
export interface OpTotal {
  op: string
  provider: string
  calls: number
  microseconds: number
}
export interface NodeTotal extends OpTotal {
  node: string
}
export interface Profile {
  /** Whole runs recorded. */
  runs: number
  /** Kernel time in all of them. */
  microseconds: number
  /** Largest first. */
  ops: OpTotal[]
  /** Largest first; named by place, as the graph's nodes are. */
  nodes: NodeTotal[]
}

interface Event {
  cat?: string
  name?: string
  dur?: number
  args?: { op_name?: string; provider?: string }
}

/** Sums up a profile as ONNX Runtime writes it (Chrome's trace format). */
export function parseProfile(json: string): Profile {
  const events = JSON.parse(json) as Event[]
  const ops = new Map<string, OpTotal>()
  const nodes = new Map<string, NodeTotal>()
  let runs = 0
  let microseconds = 0
  for (const { cat, name = '', dur = 0, args = {} } of events) {
    if (cat === 'Session' && name === 'model_run') runs++
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue
    const op = args.op_name ?? '?'
    const provider = args.provider ?? '?'
    const node = name.slice(0, -'_kernel_time'.length)
    microseconds += dur
    for (const total of [
      getOrInsert(ops, `${op} ${provider}`, { op, provider, calls: 0, microseconds: 0 }),
      getOrInsert(nodes, node, { node, op, provider, calls: 0, microseconds: 0 }),
    ]) {
      total.calls++
      total.microseconds += dur
    }
  }
  const largestFirst = (a: OpTotal, b: OpTotal) => b.microseconds - a.microseconds
  return { runs, microseconds, ops: [...ops.values()].sort(largestFirst), nodes: [...nodes.values()].sort(largestFirst) }
}

/** Parses the file and removes it. */
export function readProfile(path: string): Profile {
  try {
    return parseProfile(readFileSync(path, 'utf8'))
  } finally {
    rmSync(path, { force: true })
  }
}

function getOrInsert<T>(map: Map<string, T>, key: string, fresh: T): T {
  const known = map.get(key)
  if (known) return known
  map.set(key, fresh)
  return fresh
}
