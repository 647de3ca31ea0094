"use strict";

// By itself, since a Node that is too old to know import() would refuse the whole of run.cjs for it.
module.exports = (url) => import(url);
