/** The original by its file's name, because its package name leads to our stand-in. */
declare module 'spark-md5/spark-md5.js' {
  export { default } from 'spark-md5';
}
