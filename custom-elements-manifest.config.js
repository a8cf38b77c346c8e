const isPublic = ({ privacy, static: isStatic }) => !isStatic && (privacy === undefined || privacy === 'public');

/** Limits the manifest to what is published: the modules in `dist` and the element's public API. */
const published = {
  name: 'published',
  packageLinkPhase({ customElementsManifest }) {
    const pathOf = (source) => source.replace(/^\/?src\//, 'dist/').replace(/\.ts$/, '.js');
    for (const module of customElementsManifest.modules) {
      module.path = pathOf(module.path);
      for (const { declaration } of module.exports ?? []) {
        if (declaration?.module !== undefined) declaration.module = pathOf(declaration.module);
      }
      module.declarations = module.declarations?.filter(({ kind }) => kind === 'class');
      for (const declaration of module.declarations ?? []) declaration.members = declaration.members?.filter(isPublic);
    }
  },
};

export default {
  globs: ['src/element/qiniu-uploader.ts', 'src/element.ts', 'src/index.ts'],
  outdir: 'dist',
  litelement: true,
  packagejson: false,
  plugins: [published],
};
