import type { Reporter, TestModule } from 'vitest/node';

/** Says at the very end how many seconds each file took, the longest first: where to look when the gate grows. */
// biome-ignore lint/style/noDefaultExport: vitest takes the default export of a reporter's file.
export default class SecondsPerFile implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules
      .map((module) => ({ file: module.relativeModuleId, seconds: module.diagnostic().duration / 1000 }))
      .sort((a, b) => b.seconds - a.seconds);
    const total = rows.reduce((sum, { seconds }) => sum + seconds, 0);
    console.log(`\nSeconds per file, ${Math.round(total)} together:`);
    for (const { file, seconds } of rows) console.log(`${seconds.toFixed(0).padStart(6)}  ${file}`);
  }
}
