import { runnerJobSchema } from '@weft/protocol'
import type { Training } from '../training.ts'
import { found, readAnswer } from './exchange.ts'
import { jobForm } from './job-form.ts'
import { expectOk, type Transport } from './transport.ts'

/** Whoever follows a job asks again soon; a runner that does not answer for longer, once it has what it was sent, counts as down. */
const timeoutMs = 15_000

/** Training jobs across HTTP. */
export const httpTraining = (send: Transport): Training => {
  const bytesOf = async (path: string): Promise<Uint8Array | undefined> => {
    const response = await found(await send({ path }))
    return response && new Uint8Array(await response.arrayBuffer())
  }
  return {
    async submit(spec, files) {
      const form = jobForm(spec, files)
      const call = { method: 'POST', path: `/jobs/${spec.jobId}`, body: form.body, bytes: form.bytes, headers: { 'content-type': form.type }, timeoutMs }
      const response = await send(call).catch((error) => {
        // Where a file could not be read, that is why nothing came of it, and not the runner.
        throw form.failure() ?? error
      })
      await (await expectOk(response)).body?.cancel()
    },
    async job(id, after) {
      const response = await found(await send({ path: `/jobs/${id}?after=${after}`, timeoutMs }))
      return response && readAnswer(runnerJobSchema, response)
    },
    checkpoint: (id) => bytesOf(`/jobs/${id}/checkpoint`),
    result: (id) => bytesOf(`/jobs/${id}/result`),
    async cancel(id) {
      await (await found(await send({ method: 'DELETE', path: `/jobs/${id}`, timeoutMs })))?.body?.cancel()
    },
  }
}
