import { toWire } from '@weft/adapters'
import { type TrainingSpec, trainingSpecSchema } from '@weft/protocol'
import type { JobFiles } from '../training.ts'

const part = (bytes: Uint8Array, type: string): Blob => new Blob([bytes as Uint8Array<ArrayBuffer>], { type })

/** The multipart body of `POST /jobs/:id`. */
export function jobForm(spec: TrainingSpec, { training, validation, reference, probes, checkpoint, required }: JobFiles): FormData {
  const form = new FormData()
  form.set('spec', JSON.stringify(toWire(trainingSpecSchema, spec)))
  form.set('training', part(training, 'application/jsonl'), 'training.jsonl')
  if (validation) form.set('validation', part(validation, 'application/jsonl'), 'validation.jsonl')
  if (reference) form.set('reference', part(reference, 'application/jsonl'), 'reference.jsonl')
  if (probes) form.set('probes', part(probes, 'application/jsonl'), 'probes.jsonl')
  if (checkpoint) form.set('checkpoint', part(checkpoint, 'application/octet-stream'), 'checkpoint.safetensors')
  required.forEach((bytes, n) => form.set(`required.${n}`, part(bytes, 'application/octet-stream'), `required.${n}.safetensors`))
  return form
}
