import { createHash } from 'node:crypto'
import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { toWire } from '@weft/adapters'
import { describedModelSchema } from '@weft/protocol'
import { Command } from 'commander'
import { noSafetensors } from '../../errors.ts'

/** Files that make a model what it is, beside its weights. */
const described = /^(config|generation_config|tokenizer|tokenizer_config)\.json$|\.safetensors$/

export const describe = (): Command =>
  new Command('describe')
    .description('write down what a base model is, for a vLLM that serves it: its fingerprint, its sizes, and the sha256 of its files (JSON)')
    .argument('<folder>', 'a folder with a Hugging Face checkpoint, or the name of a pulled model')
    .option('--json', 'print JSON, as it does anyway: what it prints is a file')
    .action(async (source: string) => {
      const { loadModel } = await import('@weft/model')
      const { name, fingerprint, spec, chat, folder } = await loadModel(source)
      const names = readdirSync(folder).filter((file) => described.test(file))
      if (!names.some((file) => file.endsWith('.safetensors'))) throw noSafetensors(source)
      const files = Object.fromEntries(await Promise.all(names.sort().map(async (file) => [file, await sha256(join(folder, file))])))
      const model = { name, fingerprint, architecture: spec.architecture, spec, chat: chat.template !== null }
      process.stdout.write(`${JSON.stringify(toWire(describedModelSchema, { model, files }))}\n`)
    })

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
