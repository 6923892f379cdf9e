import { readdirSync, readFileSync } from 'node:fs'

interface Process {
  pid: number
  parent: number
  name: string
  /** Milliseconds of all its threads. */
  cpu: number
}

const TICK_MS = 10

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return [
          {
            pid: Number(name),
            parent: Number(rest[1]),
            name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
            cpu: (Number(rest[11]) + Number(rest[12])) * TICK_MS,
          },
        ]
      } catch {
        return [] // it has ended
      }
    })
}

/** CPU time that workerd has used, where it was started by a child of this process; undefined where there is no /proc. */
export function workerCpu(): number | undefined {
  let all: Process[]
  try {
    all = processes()
  } catch {
    return undefined
  }
  const parents = new Map(all.map((one) => [one.pid, one.parent]))
  const isOurs = (pid: number | undefined): boolean => pid !== undefined && pid > 1 && (pid === process.pid || isOurs(parents.get(pid)))
  const workers = all.filter(({ name, pid }) => name.startsWith('workerd') && isOurs(pid))
  return workers.length === 0 ? undefined : workers.reduce((sum, { cpu }) => sum + cpu, 0)
}
