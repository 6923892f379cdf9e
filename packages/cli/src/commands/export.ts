import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { exportPeft, readAdapter } from '@weft/core'
import { firstModel, readConfiguration } from '../configuration.ts'
import { clientOf, connected, type Connection } from '../connection.ts'
import { defaultConfig } from '../launcher/project.ts'
import { outputOf } from '../output.ts'

interface Options extends Connection { model?: string; baseModelName?: string; config: string }

export const exportAdapter = (): Command => connected(new Command('export'))
  .description('write an adapter as a PEFT checkpoint')
  .argument('<adapter>', 'a published name, name@version, or an adapter file')
  .argument('<dir>', 'folder to write adapter_config.json and adapter_model.safetensors into')
  .option('--model <dir-or-hub-id>', 'its base model (default: the configuration\'s first)')
  .option('--base-model-name <name>', 'what to write as base_model_name_or_path')
  .option('--config <file>', 'where the plugins are named', defaultConfig)
  .action(async (adapter: string, dir: string, options: Options) => {
    const content = existsSync(adapter) ? new Uint8Array(readFileSync(adapter)) : await clientOf(options).adapters.download(adapter)
    const config = await readConfiguration(options.config)
    const { loadModel } = await import('@weft/model')
    const model = await loadModel(options.model ?? firstModel(config, resolve(options.config)))
    const loaded = await readAdapter(content, { model: model.spec, base: model })
    const files = exportPeft(loaded, config.plugins, model.spec, options.baseModelName ?? model.source)
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, 'adapter_config.json'), files.config)
    writeFileSync(join(dir, 'adapter_model.safetensors'), files.weights)
    outputOf(options).result({ dir, method: loaded.manifest.method, digest: loaded.digest }, () => `${dir}: ${loaded.manifest.method} as PEFT reads it`)
  })
