import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { StepCost, StepRequest } from './step-process.ts'

const file = fileURLToPath(new URL('step-process.ts', import.meta.url))

/** A method's step in a process of its own. */
export const timeStep = (request: StepRequest): Promise<StepCost> =>
  new Promise((resolve, reject) => {
    const child = fork(file, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let said = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.once('message', (cost) => resolve(cost as StepCost))
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`Timing a step of ${request.method} ended with ${code}: ${said.trim() || 'nothing was said'}`)))
    child.send(request)
  })
