/** Makes a session and lets go of it, in a worker thread if `IN_A_WORKER` is set. */
import { isMainThread, Worker } from 'node:worker_threads'
import { openRuntime } from '../../src/index.ts'
import { dense } from '../models.ts'

if (isMainThread && process.env.IN_A_WORKER) new Worker(import.meta.filename)
else {
  using ort = openRuntime()
  using session = ort.session(dense())
  console.log(JSON.stringify({ inputs: session.inputs.length }))
}
