import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADMIN_CALLS } from './client-python.ts';
import type { Driver } from './driver.ts';
import { enginesHome, kafkaJars } from './engines.ts';
import { ProcessSession } from './process-session.ts';

const sources = fileURLToPath(new URL('./java', import.meta.url));
const OLD_VERSION = '2.1.1';

function run(command: string, args: readonly string[]): void {
  const { status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}${stdout}`);
}

/** Compiles the calls against a folder of jars; returns the class path. */
function compiled(jars: string, files: readonly string[]): string {
  const out = mkdtempSync(join(tmpdir(), 'millrace-java-'));
  const paths = files.map(file => join(sources, file));
  run('javac', ['-nowarn', '-Xlint:none', '-cp', `${jars}/*`, '-d', out, ...paths]);
  return `${out}:${jars}/*`;
}

/**
 * The jars of an old client and of what the calls need, fetched once by Maven as the engines' launchers
 * do.
 */
function oldJars(): string {
  const folder = join(enginesHome(), `kafka-clients-${OLD_VERSION}`);
  const done = join(folder, '.done');
  if (existsSync(done)) return folder;
  mkdirSync(folder, { recursive: true });
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  const pom = join(folder, 'pom.xml');
  writeFileSync(
    pom,
    '<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId>' +
      `<version>1</version><dependencies>${dependency('org.apache.kafka', 'kafka-clients', OLD_VERSION)}` +
      `${dependency('com.fasterxml.jackson.core', 'jackson-databind', '2.21.2')}</dependencies></project>`,
  );
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
  run('mvn', ['-q', '-B', '-f', pom, goal, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime']);
  if (!readdirSync(folder).some(name => name.startsWith('kafka-clients')))
    throw new Error(`no jar in ${folder}`);
  writeFileSync(done, OLD_VERSION);
  return folder;
}

const hasJava = spawnSync('javac', ['-version']).status === 0;
const missing = !hasJava
  ? 'no javac is installed (Debian: apt-get install openjdk-17-jdk-headless maven)'
  : kafkaJars() === null
    ? "MILLRACE_ENGINES is not set: it holds the launchers that fetch Kafka's jars"
    : null;

function driver(
  name: string,
  classPath: () => string,
  calls: typeof ADMIN_CALLS,
  cannot: Driver['cannot'],
): Driver {
  let path: string | null = null;
  return {
    name,
    missing,
    cannot,
    open: async connection => {
      path ??= classPath();
      const args = ['-Xmx256m', '-cp', path, 'Main', JSON.stringify(connection)];
      const session = new ProcessSession('java', args, calls);
      try {
        await session.ready();
      } catch (error) {
        await session.close();
        throw error;
      }
      return session;
    },
  };
}

/** Kafka's own client, of the version of the engines folder. */
export const java: Driver = driver(
  'java kafka-clients',
  () => compiled(kafkaJars()!, ['Main.java', 'Member.java', 'Modern.java']),
  ADMIN_CALLS,
  {},
);

const OLD = `kafka-clients ${OLD_VERSION} is tried for its wire versions alone`;

/** The oldest Java client that Kafka 4 still serves. */
export const oldJava: Driver = driver(
  `java kafka-clients ${OLD_VERSION}`,
  () => compiled(oldJars(), ['Main.java', 'Member.java']),
  [],
  {
    cooperative: 'came with 2.4',
    static: 'came with 2.3',
    copy: OLD,
    tls: 'reads no PEM files',
    ...Object.fromEntries(ADMIN_CALLS.map(call => [`admin.${call}`, OLD])),
  },
);
