import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { importPeft, writeAdapter } from '@weft/core'
import { firstModel, readConfiguration } from '../configuration.ts'
import { clientOf, connected, type Connection } from '../connection.ts'
import { CliError, fileMissing } from '../errors.ts'
import { defaultConfig } from '../launcher/project.ts'
import { bytes, outputOf } from '../output.ts'

interface Options extends Connection { name?: string; out?: string; model?: string; labels?: string[]; config: string }

export const importAdapter = (): Command => connected(new Command('import'))
  .description('bring a PEFT checkpoint in as an adapter')
  .argument('<dir>', 'folder with adapter_config.json and adapter_model.safetensors')
  .option('--name <name>', 'publish it under this name')
  .option('--out <file>', 'write the adapter file here instead')
  .option('--model <dir-or-hub-id>', 'the base model it was trained on (default: the configuration\'s first)')
  .option('--labels <label...>', 'classes of a classifier, in their order')
  .option('--config <file>', 'where the plugins are named', defaultConfig)
  .action(async (dir: string, options: Options) => {
    if (!options.name === !options.out) throw new CliError('usage', 'Say either --name, to publish it, or --out, to write a file.', 2)
    const config = await readConfiguration(options.config)
    const { loadModel } = await import('@weft/model')
    const { spec, fingerprint, weights } = await loadModel(options.model ?? firstModel(config, resolve(options.config)))
    const { manifest, state, params } = await importPeft(
      { config: contentOf(join(dir, 'adapter_config.json')), weights: contentOf(join(dir, 'adapter_model.safetensors')) },
      config.plugins, { model: spec, base: { name: 'base', fingerprint }, baseWeight: (name) => weights.readSync(name), ...(options.labels ? { labels: options.labels } : {}) },
    )
    const file = await writeAdapter(manifest, state, params)
    const output = outputOf(options)
    if (options.out) {
      writeFileSync(options.out, file)
      output.result({ file: options.out, bytes: file.length, method: manifest.method }, () => `${options.out}: ${manifest.method}, ${bytes(file.length)}`)
      return
    }
    const adapter = await clientOf(options).adapters.publish(options.name!, file)
    output.result(adapter, () => `${adapter.id} is published: ${adapter.method} (${adapter.digest})`)
  })

const contentOf = (path: string): Uint8Array<ArrayBuffer> => {
  if (!existsSync(path)) throw fileMissing(path)
  return new Uint8Array(readFileSync(path))
}
