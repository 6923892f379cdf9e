import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAdapter, readManifest, readSafetensors } from '@weft/adapters'
import { exportPeft } from '@weft/methods'
import { makeFolder } from '@weft/node-edge/make-folder'
import { Command } from 'commander'
import { baseOf } from '../../base-model.ts'
import { readConfiguration } from '../../configuration.ts'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { CliError } from '../../errors.ts'
import { defaultConfig } from '../../launcher/project.ts'
import { outputOf } from '../../output.ts'

interface Options extends Connection {
  out?: string
  adapter?: string
  model?: string
  baseModelName?: string
  config: string
}

export const exportAdapter = (): Command =>
  connected(new Command('export'))
    .description('write an adapter as a PEFT checkpoint')
    .argument('<adapter>', 'a published name, name@version, or an adapter file')
    .argument('[dir]', 'the same as --out')
    .option('--out <dir>', 'folder to write adapter_config.json and adapter_model.safetensors into')
    .option('--adapter <name>', 'PEFT\'s name for it, a folder in that one (default: none, as for "default")')
    .option('--model <dir-or-hub-id>', "its base model (default: the configuration's first, or what the adapter was made on)")
    .option('--base-model-name <name>', 'what to write as base_model_name_or_path')
    .option('--config <file>', 'where the plugins are named', defaultConfig)
    .action(async (adapter: string, dir: string | undefined, options: Options) => {
      const out = options.out ?? dir
      if (out === undefined) throw new CliError('usage', 'Say where to write with --out DIR.', 2)
      // A folder of that name, as of an earlier export to style/speech, is not what is meant.
      const isFile = statSync(adapter, { throwIfNoEntry: false })?.isFile()
      const content = isFile ? new Uint8Array(readFileSync(adapter)) : await clientOf(options).adapters.download(adapter)
      const config = await readConfiguration(options.config)
      const model = await baseOf(readManifest(readSafetensors(content).metadata).base, config, options.config, options)
      const loaded = await readAdapter(content, { model: model.spec, base: model })
      const files = exportPeft(loaded, config.plugins, model.spec, options.baseModelName ?? model.source)
      const folder = options.adapter === undefined || options.adapter === 'default' ? out : join(out, options.adapter)
      makeFolder(folder)
      writeFileSync(join(folder, 'adapter_config.json'), files.config)
      writeFileSync(join(folder, 'adapter_model.safetensors'), files.weights)
      outputOf(options).result(
        { dir: folder, method: loaded.manifest.method, digest: loaded.digest },
        () => `${folder}: ${loaded.manifest.method} as PEFT reads it`,
      )
    })
