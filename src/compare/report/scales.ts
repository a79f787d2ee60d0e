// What the plots need of d3-scale. scripts/bundle.mjs builds it in, so that no user installs it.
export { scaleBand, scaleLinear, scaleLog } from 'd3-scale';
