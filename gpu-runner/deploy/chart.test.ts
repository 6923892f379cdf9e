import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { runnerPools } from '@weft/protocol'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { tokens } from '../src/composition-root.ts'
import { readRunnerConfig } from '../src/config.ts'
import { tinyRunner } from '../test/tiny-runner.test.setup.ts'
import { chartDigest } from './check/chart-digest.ts'

const here = import.meta.dirname
const read = (file: string) => readFileSync(join(here, file), 'utf8')
const rendered = (name: string): any[] => parseAllDocuments(read(`rendered/${name}.yaml`)).map((document) => document.toJS())

const folder = writeTinyLlama()
const { app, container } = tinyRunner(folder)
afterAll(() => rmSync(folder, { recursive: true }))

const covers = (selector: Record<string, string>, labels: Record<string, string>) => Object.entries(selector).every(([key, value]) => labels[key] === value)

test('the renderings are those of this chart', () => {
  expect(read('rendered/chart.sha256').trim(), 'npm run test:deploy -- --write renders it anew').toBe(chartDigest(join(here, 'chart')))
})

test('the scaler and the board name metrics that the runner has', async () => {
  const known = container
    .get(tokens.metrics)
    .registry.getMetricsAsArray()
    .map(({ name }) => name)
  const texts = [
    read('chart/dashboards/weft.json'),
    ...rendered('gpu-pools')
      .filter(({ kind }) => kind === 'ScaledObject')
      .map((each) => JSON.stringify(each)),
  ]
  const named = new Set(texts.flatMap((text) => [...text.matchAll(/\b(?:vllm|weft):\w+/g)].map(([name]) => name.replace(/_bucket$/, ''))))
  expect(named.size).toBeGreaterThan(8)
  expect([...named].filter((name) => !known.includes(name))).toEqual([])
  expect([...named]).toContain('vllm:num_requests_waiting')
})

test('a training pool is scaled by the jobs that a runner trains, and not by those of executors', () => {
  const triggers = rendered('gpu-pools').flatMap(({ kind, spec }) => (kind === 'ScaledObject' ? spec.triggers : []))
  const [{ metadata }] = triggers.filter(({ metadata: { query } }) => / jobs /.test(query))
  const db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE jobs (status TEXT, job TEXT)')
  const insert = db.prepare('INSERT INTO jobs VALUES (?, ?)')
  for (const status of ['validating_files', 'queued', 'running', 'paused', 'succeeded'])
    for (const executor of [{}, { executor: 'peft' }]) insert.run(status, JSON.stringify({ job: { status, ...executor } }))
  expect(db.prepare(metadata.query).get()).toEqual({ 'count(*)': 3 })
  db.close()
})

describe.each(['cpu', 'gpu-pools'])('%s', (name) => {
  const resources = rendered(name)
  const of = (kind: string) => resources.filter((resource) => resource.kind === kind)
  const pods = of('Deployment').map(({ metadata, spec }) => ({ name: metadata.name, labels: spec.template.metadata.labels, spec: spec.template.spec }))
  const runners = pods.filter(({ labels }) => labels['app.kubernetes.io/component'] === 'runner')

  test('no pod is root, writes to its image, or may ask the cluster', () => {
    for (const { spec } of pods) {
      expect(spec).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } })
      for (const { securityContext } of spec.containers)
        expect(securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
    }
  })

  test('the runner takes its flags, and has time to drain', async () => {
    expect(runners.length).toBe(name === 'cpu' ? 1 : 3)
    for (const { spec } of runners) {
      const [{ args, lifecycle, ports }] = spec.containers
      const config = await readRunnerConfig(args, {})
      if ('help' in config) throw new Error('these flags ask for help')
      expect(config).toMatchObject({ host: '0.0.0.0', port: ports[0].containerPort })
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(lifecycle.preStop.sleep.seconds + config.shutdownTimeout)
    }
  })

  test('probes ask what the runner answers without a token', async () => {
    for (const { spec } of runners)
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        const { path } = spec.containers[0][probe].httpGet
        expect(await (await app.request(path)).text()).toBe(path === '/livez' ? 'ok' : 'starting')
      }
  })

  test('the edge takes its flags and variables', () => {
    const page = readFileSync(join(here, '../../docs/operating/deploying-on-node.md'), 'utf8')
    const [{ args, env }] = pods.find(({ labels }) => labels['app.kubernetes.io/component'] === 'edge')!.spec.containers
    const flags = args.map((arg: string) => arg.split('=')[0])
    expect(flags).toEqual(expect.arrayContaining(['--host', '--port', '--database', '--storage', '--shutdown-timeout']))
    expect(flags.filter((flag: string) => !page.includes(`\`${flag}\``))).toEqual([])
    // Amazon's own names are those of every S3 client; the database's is expanded in its flag.
    const variables = env.map(({ name }: any) => name).filter((name: string) => !name.startsWith('AWS_') && name !== 'DATABASE_URL')
    expect(variables.filter((name: string) => !page.includes(`\`${name}\``))).toEqual([])
    expect(args).toContain('--database=$(DATABASE_URL)')
  })

  test('whoever names a pod, a port, a workload or a secret names one that is there', () => {
    const selected = [
      ...of('Service').map(({ spec }) => [spec.selector, spec.ports.map(({ targetPort }: any) => targetPort)] as const),
      ...of('PodDisruptionBudget').map(({ spec }) => [spec.selector.matchLabels, []] as const),
      ...of('NetworkPolicy').map(({ spec }) => [spec.podSelector.matchLabels, spec.ingress[0].ports.map(({ port }: any) => port)] as const),
      ...of('PodMonitor').map(({ spec }) => [spec.selector.matchLabels, spec.podMetricsEndpoints.map(({ port }: any) => port)] as const),
    ]
    for (const [selector, ports] of selected) {
      const chosen = pods.filter(({ labels }) => covers(selector, labels))
      expect(chosen).not.toEqual([])
      for (const { spec } of chosen) expect(spec.containers[0].ports.map((port: any) => port.name)).toEqual(expect.arrayContaining([...ports]))
    }
    for (const { spec } of of('ScaledObject')) expect(pods.map((pod) => pod.name)).toContain(spec.scaleTargetRef.name)
    const keys = [...JSON.stringify(resources).matchAll(/"key":"([a-z0-9-]+)"/g)].map(([, key]) => key)
    expect([...new Set(keys)].filter((key) => !read('README.md').includes(`=${key}=`) && key !== 'nvidia.com/gpu').sort()).toEqual([])
  })

  test('the edge knows every pool by the name that stands for its pods, and what it is for', () => {
    const [{ env }] = pods.find(({ labels }) => labels['app.kubernetes.io/component'] === 'edge')!.spec.containers
    const given = (variable: string): string => env.find((each: any) => each.name === variable).value
    for (const wait of ['RUNNER_START_MS', 'BLANKS_AFTER_MS']) expect(given(wait)).toMatch(/^\d+$/)
    const pools = runnerPools(JSON.parse(given('RUNNERS')))
    const poolOf = ({ labels }: (typeof pods)[number]): string => labels['weft/pool']
    expect(Object.keys(pools).toSorted()).toEqual([...new Set(runners.map(poolOf))].toSorted())
    const roles = new Set(runners.map(({ labels }) => labels['weft/role']))
    for (const [pool, { dns, for: work }] of Object.entries(pools)) {
      const { hostname, port } = new URL(dns!)
      const { spec } = of('Service').find(({ metadata }) => metadata.name === hostname)!
      // Without an address of its own, the name stands for the pods.
      expect(spec).toMatchObject({ clusterIP: 'None', ports: [{ port: Number(port) }] })
      for (const runner of runners) expect(covers(spec.selector, runner.labels)).toBe(poolOf(runner) === pool)
      const [{ labels }] = runners.filter((runner) => poolOf(runner) === pool) as [(typeof pods)[number]]
      expect(work).toEqual(roles.has('training') ? [labels['weft/role']] : undefined)
    }
  })
})

test('a card for each runner on cards, and one kind of card for each pool', () => {
  const deployments = rendered('gpu-pools').filter(({ kind, metadata }) => kind === 'Deployment' && metadata.labels['app.kubernetes.io/component'] === 'runner')
  expect(
    deployments.map(({ metadata, spec: { template } }) => [
      metadata.labels['weft/pool'],
      template.spec.nodeSelector['nvidia.com/gpu.product'],
      template.spec.containers[0].resources.limits['nvidia.com/gpu'],
    ]),
  ).toEqual([
    ['l4', 'NVIDIA-L4', 1],
    ['h100', 'NVIDIA-H100-80GB-HBM3', 1],
    ['training', 'NVIDIA-L4', 1],
  ])
})
