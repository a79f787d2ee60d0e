export default {
  title: 'sharp',
  group: 'Native code and files',
  packages: ['sharp', 'express'],
  // libvips keeps its threads for a while after the picture that is made at load.
  allowed: [/^\d+ thread\(s\) "libvips worker" of native code run/],
};
