/** Loads an application's folder; `api.ts` is what applications import as `millrace/app`. */
export type { AppConnector, AppManifest, AppTopic } from './app-yaml.ts';
export type { Generator, GeneratorContext, GeneratorDatabase } from './generator.ts';
export { importModule } from './import-module.ts';
export { type App, type AppFile, findApp, loadApp, resolveParameters } from './load.ts';
export type { Route, RouteContext, RouteRow, Routes, RouteView } from './routes.ts';
export { type ViewDeclaration, viewDeclaration } from './view-file.ts';
