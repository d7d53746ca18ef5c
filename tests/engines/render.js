// Reads a JSON list of LaTeX formulas; writes those that KaTeX (strict) or MathJax refuse, and how
// many rows of matrices each of the two made in all.
const katex = require("katex");
const { mathjax } = require("mathjax-full/js/mathjax.js");
const { TeX } = require("mathjax-full/js/input/tex.js");
const { AllPackages } = require("mathjax-full/js/input/tex/AllPackages.js");
const { liteAdaptor } = require("mathjax-full/js/adaptors/liteAdaptor.js");
const { RegisterHTMLHandler } = require("mathjax-full/js/handlers/html.js");
const { SerializedMmlVisitor } = require("mathjax-full/js/core/MmlTree/SerializedMmlVisitor.js");
const { STATE } = require("mathjax-full/js/core/MathItem.js");

RegisterHTMLHandler(liteAdaptor());
// errors must show, and proof trees want a browser
const left_out = ["noerrors", "noundefined", "bussproofs"];
const packages = AllPackages.filter((name) => !left_out.includes(name));
const page = mathjax.document("", { InputJax: new TeX({ packages }) });
const visitor = new SerializedMmlVisitor();
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
const refused = [];
const rows = { KaTeX: 0, MathJax: 0 };
const counted = (text) => text.split("<mtr").length - 1;
for (const formula of formulas) {
  try {
    const options = { strict: "error", throwOnError: true, displayMode: true, output: "mathml" };
    katex.renderToString(formula, { ...options, output: "html" });
    rows.KaTeX += counted(katex.renderToString(formula, options));
  } catch (error) {
    refused.push(["KaTeX", formula, String(error.message)]);
  }
  try {
    const node = page.convert(formula, { display: true, end: STATE.CONVERT });
    const written = visitor.visitTree(node);
    rows.MathJax += counted(written);
    if (written.includes("<merror")) refused.push(["MathJax", formula, written]);
  } catch (error) {
    refused.push(["MathJax", formula, String(error.message)]);
  }
}
console.log(JSON.stringify({ count: formulas.length, refused, rows }));
