import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readRunnerConfig } from '../src/config.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const images = globSync('gpu-runner/deploy/images/*.Dockerfile', { cwd: root }).sort()
/** A Dockerfile's instruction of that name, in its last stage; its argument as JSON where it is some. */
const last = (text: string, instruction: string): any => {
  const [, argument] = [...text.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].at(-1) ?? []
  return argument?.startsWith('[') ? JSON.parse(argument) : argument
}

const trainer = 'gpu-runner/deploy/images/trainer.Dockerfile'

test.each(images.filter((image) => image !== trainer))('%s is not root, says how it is, and starts what is there', async (file) => {
  const text = read(file)
  const lastStage = text.slice(text.lastIndexOf('\nFROM '))
  expect(last(lastStage, 'USER')).toBe('1000:1000')
  expect(lastStage).toMatch(/HEALTHCHECK .*\/(readyz|health)'/)
  const [command, program, ...args] = last(lastStage, 'ENTRYPOINT')
  expect(command).toBe('node')
  expect(existsSync(join(root, program))).toBe(true)
  const port = Number(last(lastStage, 'EXPOSE'))
  const given: string[] = [...args, ...last(lastStage, 'CMD')]
  if (program.startsWith('gpu-runner')) {
    const config = await readRunnerConfig(
      given.map((each) => (each === 'weft.config.ts' ? join(root, each) : each)),
      {},
    )
    expect(config).toMatchObject({ host: '0.0.0.0', port, stateDir: '/state', shutdownTimeout: 120 })
  } else expect(given).toEqual(expect.arrayContaining(['serve', '--port', String(port)]))
})

test('the trainer is not root, serves nothing, and is the package beside it, with the versions that it asks for', () => {
  const text = read(trainer)
  expect([last(text, 'USER'), last(text, 'EXPOSE')]).toEqual(['1000:1000', undefined])
  expect(last(text, 'ENTRYPOINT')).toEqual(['python', '-m', 'weft_peft'])
  expect(existsSync(join(root, 'gpu-runner/peft/weft_peft/__main__.py'))).toBe(true)
  const pinned = read('gpu-runner/peft/requirements.txt').trim().split('\n')
  const asked = [
    ...read('gpu-runner/peft/pyproject.toml')
      .match(/^dependencies = \[(.*)\]$/m)![1]!
      .matchAll(/"([a-z]+)>=/g),
  ].map(([, name]) => name!)
  expect(pinned.map((line) => line.split('==')[0])).toEqual(asked)
})

test('the Compose file builds these images, asks for variables that its page sets, and lets a runner drain', () => {
  const text = read('gpu-runner/deploy/compose/compose.yaml')
  const { services } = parse(text)
  for (const service of ['edge', 'runner']) {
    const { build, cap_drop, read_only } = services[service]
    expect(images).toContain(build.dockerfile)
    expect([cap_drop, read_only]).toEqual([['ALL'], true])
  }
  expect(Number.parseInt(services.runner.stop_grace_period, 10)).toBeGreaterThan(120)
  const page = read('gpu-runner/deploy/README.md')
  const wanted = [...text.matchAll(/\$\{(\w+):\?\}/g)].map(([, name]) => name!)
  expect(wanted.length).toBeGreaterThan(4)
  expect(wanted.filter((name) => !new RegExp(`\\b${name}=`).test(page))).toEqual([])
})

test('the workflow builds every image, with an SBOM', () => {
  const { jobs } = parse(read('.github/workflows/deploy.yml'))
  expect(jobs.images.strategy.matrix.image.map((name: string) => `gpu-runner/deploy/images/${name}.Dockerfile`).sort()).toEqual(images)
  expect(jobs.images.steps.find(({ uses }: any) => uses?.startsWith('docker/build-push-action')).with).toMatchObject({ sbom: true, provenance: 'mode=max' })
})
