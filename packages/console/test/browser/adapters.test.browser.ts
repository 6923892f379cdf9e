import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WeftClient } from '@weft/client'
import { weftBin } from '@weft/test/e2e/weft-process'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { expectAccessible, type OpenConsole, openConsole } from './console.test.page.ts'

let it: OpenConsole
let weft: WeftClient
const folder = mkdtempSync(join(tmpdir(), 'weft-console-files-'))
beforeAll(async () => {
  it = await openConsole()
  weft = new WeftClient({ baseUrl: inject('url'), apiKey: inject('key') })
})
afterAll(async () => {
  await it.close()
  rmSync(folder, { recursive: true })
})

test('adapters stand by base and task, with versions, names, method, size and origin', async () => {
  await it.go('adapters')
  const text = it.page.getByRole('table', { name: /text \(CAUSAL_LM\)/ })
  await text.getByRole('link', { name: 'style/speech@2' }).waitFor()
  const row = await text.getByRole('row').filter({ hasText: 'style/speech@2' }).textContent()
  expect(row).toMatch(/style\/speech@2style\/speechprefix-tuning[\d.]+ kB\d{4}-\d\d-\d\da training job/)
  expect(
    await it.page
      .getByRole('table', { name: /classifiers \(SEQ_CLS\)/ })
      .getByRole('row')
      .count(),
  ).toBe(2)
  await it.page.getByLabel('Names that contain').fill('short')
  expect(await it.page.getByRole('link', { name: /@\d/ }).allTextContents()).toEqual(['style/short@1'])
  await it.page.getByLabel('Names that contain').fill('')
  await expectAccessible(it.page, 'adapters')
})

test("a version: what it is, its data, its held-out metrics beside the base's, and its lineage as a graph", async () => {
  const { page } = it
  await page.getByRole('link', { name: 'style/speech@2' }).click()
  await page.getByRole('heading', { level: 1, name: 'style/speech@2' }).waitFor()
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
  await page.getByText('8 rows, sha256:').first().waitFor()
  const metrics = page.getByRole('table', { name: 'Held-out metrics' })
  expect(await metrics.getByRole('columnheader').allTextContents()).toEqual(['Metric', 'This version', 'the bare base'])
  expect(await metrics.getByRole('row').filter({ hasText: 'loss' }).textContent()).toMatch(/^loss\d\.\d{3}\d\.\d{3}$/)
  await page.getByRole('img', { name: 'Lineage of style/speech@2: style/speech@1 leads to style/speech@2' }).waitFor()
  await expectAccessible(page, 'adapter')
  await page.getByRole('list', { name: 'Lineage' }).getByRole('link', { name: 'style/speech@1' }).click()
  await page.getByRole('heading', { level: 1, name: 'style/speech@1' }).waitFor()
  await it.go('adapters/mail/spam@1')
  await page.getByRole('table', { name: 'Held-out metrics' }).getByRole('columnheader', { name: 'always the commonest class' }).waitFor()
})

test('two versions are compared: settings, data, metrics, tensors', async () => {
  const { page } = it
  await it.go('adapters/style/speech@2')
  await page.getByRole('button', { name: 'Compare with version 2' }).click()
  await page.getByText('From style/speech@1 to style/speech@2').waitFor()
  expect(await page.getByRole('table', { name: 'Data', exact: true }).getByRole('row').nth(1).textContent()).toContain('yes')
  expect(await page.getByRole('table', { name: 'Tensors, by site' }).getByRole('row').nth(1).textContent()).toMatch(/keyValue\d/)
  await expectAccessible(page, 'adapter-diff')
})

test('an alias is made and moved, the name is rolled back and forward', async () => {
  const { page } = it
  await page.getByLabel('Alias', { exact: true }).fill('prod')
  await page.getByLabel('for version').selectOption('1')
  await page.getByRole('button', { name: 'Make or move' }).click()
  await page.getByRole('button', { name: 'Delete the alias prod' }).waitFor()
  expect((await weft.adapters.aliases('style/speech')).map(({ alias, version }) => [alias, version])).toEqual([
    ['latest', 2],
    ['prod', 1],
  ])
  const rollBack = page.getByRole('button', { name: 'Roll style/speech back' })
  await rollBack.click()
  await page.getByText('stands for version 1 now').waitFor()
  await rollBack.click()
  await page.getByText('nothing_to_roll_back').waitFor()
  // What was refused is old news after the next deed, wherever on the page that was done.
  await page.getByRole('button', { name: 'Make or move' }).click()
  await page.getByText('nothing_to_roll_back').waitFor({ state: 'hidden' })
  expect(await page.getByRole('alert').count()).toBe(0)
  await weft.adapters.rollback('style/speech', { to: 2 })
})

test('after a rollback on the page of the bare name, the other version is there to compare with', async () => {
  const { page } = it
  await it.go('adapters/style/speech')
  await page.getByRole('button', { name: 'Compare with version 2' }).waitFor()
  await page.getByRole('button', { name: 'Roll style/speech back' }).click()
  await page.getByRole('button', { name: 'Compare with version 1' }).waitFor()
  expect(await page.getByLabel('From version').inputValue()).toBe('2')
  await page.getByRole('button', { name: 'Compare with version 1' }).click()
  await page.getByText('From style/speech@2 to style/speech@1').waitFor()
  await weft.adapters.rollback('style/speech', { to: 2 })
})

test('a double press goes one version back, and no button can be pressed while one is under way', async () => {
  const { page } = it
  await weft.adapters.publish('style/speech', await weft.adapters.download('style/speech@1'))
  await it.go('adapters/style/speech@2')
  const rollBack = page.getByRole('button', { name: 'Roll style/speech back' })
  const asked: string[] = []
  const held = Promise.withResolvers<void>()
  await page.route('**/rollback', async (route) => {
    asked.push(route.request().url())
    await held.promise
    await route.continue()
  })
  await rollBack.dblclick()
  expect(await rollBack.getAttribute('aria-busy')).toBe('true')
  for (const name of ['Roll style/speech back', 'Download', 'Make or move']) expect(await page.getByRole('button', { name }).isDisabled(), name).toBe(true)
  held.resolve()
  await page.getByText('stands for version 2 now, and before that for 3').waitFor()
  // Also where the first press is done before the second comes.
  await page.unroute('**/rollback')
  await weft.adapters.rollback('style/speech', { to: 3 })
  await it.go('adapters/style/speech@2')
  await rollBack.dblclick()
  await page.getByText('stands for version 2 now, and before that for 3').waitFor()
  expect(asked.length).toBe(1)
  expect((await weft.adapters.aliases('style/speech')).find(({ alias }) => alias === 'latest')!.version).toBe(2)
  await weft.adapters.rollback('style/speech', { to: 2 })
  await weft.adapters.delete('style/speech@3')
})

test('a deletion says first what uses the version, and is refused while something does', async () => {
  const { page } = it
  await weft.adapters.setAlias('style/speech', 'held', 2)
  await it.go('adapters/style/speech@2')
  await page.getByRole('button', { name: 'Delete …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete style/speech@2?' })
  const keeping = dialog.getByRole('list', { name: 'What keeps it' })
  await keeping.getByText('the route "orator" uses it').waitFor()
  await keeping.getByText('the alias "style/speech@held" stands for it').waitFor()
  // What does not keep it stands apart, and what matters to a collector alone is not said.
  expect(await keeping.getByRole('listitem').count()).toBe(2)
  await dialog.getByRole('list', { name: 'What goes without it' }).getByText('"style/speech" stands for it: that name goes back').waitFor()
  expect(await dialog.textContent()).not.toMatch(/newest|younger/)
  await expectAccessible(page, 'adapter-delete')
  // Nothing is offered that would be refused.
  expect(await dialog.getByRole('button').allTextContents()).toEqual(['Close'])
  await dialog.getByRole('button', { name: 'Close' }).click()
  await dialog.waitFor({ state: 'hidden' })
  expect((await weft.adapters.versions('style/speech')).length).toBe(2)
  // An alias goes once that is confirmed.
  await page.getByRole('button', { name: 'Delete the alias held' }).click()
  const alias = page.getByRole('dialog', { name: 'Delete the alias held?' })
  await alias.getByRole('button', { name: 'Keep it' }).click()
  expect((await weft.adapters.aliases('style/speech')).map(({ alias }) => alias)).toContain('held')
  await page.getByRole('button', { name: 'Delete the alias held' }).click()
  await alias.getByRole('button', { name: 'Delete the alias held' }).click()
  await alias.waitFor({ state: 'hidden' })
  expect((await weft.adapters.aliases('style/speech')).map(({ alias }) => alias)).not.toContain('held')
  await page.getByRole('button', { name: 'Delete the alias held' }).waitFor({ state: 'detached' })
  // What it was asked from is gone: the focus is on what is nearest.
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Versions and aliases of style/speech')
})

test('a file is downloaded as it is stored, uploaded under another name, and deleted', async () => {
  const { page } = it
  await it.go('adapters/style/short@1')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
  expect(download.suggestedFilename()).toBe('style-short@1.safetensors')
  const file = join(folder, 'short.safetensors')
  await download.saveAs(file)
  const { digest } = await weft.adapters.get('style/short@1')
  expect(`sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`).toBe(digest)

  await it.go('adapters')
  await page.getByLabel('Name', { exact: true }).fill('style/copy')
  await page.getByLabel('Files').setInputFiles(file)
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('style/copy@1 is published').waitFor()
  await page.getByRole('link', { name: 'style/copy@1' }).click()
  await page.getByRole('button', { name: 'Delete …' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete style/copy@1' }).click()
  await page.getByRole('heading', { level: 1, name: 'Adapters' }).waitFor()
  expect((await weft.adapters.list()).map(({ id }) => id)).not.toContain('style/copy@1')
})

test("PEFT's two files are uploaded, and one of them alone is told what is missing", async () => {
  const { page } = it
  const peft = join(folder, 'peft')
  execFileSync(process.execPath, [weftBin, 'export', 'style/short', '--out', peft, '--url', inject('url')], {
    env: { ...process.env, WEFT_API_KEY: inject('key') },
  })
  const [config, weights] = ['adapter_config.json', 'adapter_model.safetensors'].map((name) => join(peft, name)) as [string, string]
  await it.go('adapters')
  await page.getByLabel('Name', { exact: true }).fill('style/from-peft')
  await page.getByLabel('Files').setInputFiles(config)
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('goes adapter_model.safetensors: choose both').waitFor()
  await page.getByLabel('Files').setInputFiles([config, weights])
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('style/from-peft@1 is published: prompt-tuning').waitFor()
  const [original, imported] = await Promise.all(['style/short@1', 'style/from-peft@1'].map((id) => weft.adapters.get(id)))
  expect(imported!.base.fingerprint).toBe(original!.base.fingerprint)
  const scores = async (model: string): Promise<number> => (await weft.score({ model, input: 'My fellow citizens' })).data[0]!.logprob
  expect(await scores('style/from-peft')).toBe(await scores('style/short'))
})

test('a name of one long word stays within a narrow page, and in its question', async () => {
  const { page } = it
  const id = `style/${'long_'.repeat(11)}word`
  const published = await weft.adapters.publish(id, await weft.adapters.download('style/short@1'))
  await it.go(`adapters/${published.id}`)
  await page.getByText('There is no other version').waitFor()
  await expectAccessible(page, 'adapter-long-name')
  await page.setViewportSize({ width: 360, height: 900 })
  await page.getByRole('button', { name: 'Delete …' }).click()
  const question = page.getByRole('dialog')
  await question.getByText('The version goes for good').waitFor()
  expect(await question.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0)
  await question.getByRole('button', { name: 'Keep it' }).click()
  await page.setViewportSize({ width: 1280, height: 900 })
})

test('the lineage is asked for once, however many adapters there are, and what is done on the page does not wait for it', async () => {
  const { page } = it
  const asked: string[] = []
  let answer = (): void => {}
  const held = new Promise<void>((resolve) => (answer = resolve))
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.route('**/v1/adapters', async (route) => {
    await held
    await route.continue()
  })
  await it.go('adapters/style/speech@2')
  await page.getByRole('button', { name: 'Download' }).waitFor()
  answer()
  await page.getByRole('img', { name: 'Lineage of style/speech@2: style/speech@1 leads to style/speech@2' }).waitFor()
  expect(asked.filter((path) => /^\/v1\/adapters\/[^/]+$/.test(path))).toEqual(['/v1/adapters/style%2Fspeech%402'])
  await page.unrouteAll({ behavior: 'ignoreErrors' })
})

test('a version that came since is compared with, where there was none', async () => {
  const { page } = it
  const file = await weft.adapters.download('style/short@1')
  await weft.adapters.publish('style/compared', file)
  await it.go('adapters/style/compared@1')
  await page.getByText('There is no other version').waitFor()
  await weft.adapters.publish('style/compared', file)
  await page.getByRole('textbox', { name: 'Alias' }).fill('prod')
  await page.getByRole('button', { name: 'Make or move' }).click()
  await page.getByLabel('From version').waitFor()
  expect(await page.getByLabel('From version').inputValue()).toBe('2')
  await page.getByRole('button', { name: 'Compare with version 1' }).click()
  await page.getByText('style/compared@2 and style/compared@1 are one file').waitFor()
})

test('trying a version leads to the playground with it', async () => {
  await it.go('adapters/mail/spam@1')
  await it.page.getByRole('link', { name: 'Try it' }).click()
  await it.page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
  expect(await it.page.getByLabel('Variant 1 as text').inputValue()).toBe('mail/spam@1')
})

test('a key that may not see adapters is told so, with the role it has, and may still ask', async () => {
  const asker = await openConsole({ key: inject('askerKey') })
  try {
    await asker.go('adapters')
    const note = asker.page.getByRole('alert').first()
    await note.waitFor()
    expect(await note.textContent()).toMatch(/role_forbidden.*"caller"/)
    await expectAccessible(asker.page, 'adapters-forbidden')
    await asker.go('playground')
    await asker.page.getByLabel('Most tokens').fill('4')
    await asker.page.getByRole('button', { name: 'Run' }).click()
    await asker.page.getByText(/ms in all/).waitFor()
  } finally {
    await asker.close()
  }
})

test('no script failed, the policy refused nothing, and no other site was asked', () => {
  expect(it.complaints).toEqual([])
})
