declare namespace Cloudflare {
  interface Env extends Readonly<import('../src/environment.ts').Environment> {
    MIGRATIONS: import('cloudflare:test').D1Migration[]
  }
  interface GlobalProps {
    mainModule: typeof import('../src/index.ts')
  }
}
