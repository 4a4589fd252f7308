/// The page's looks, and the little script that sorts and hides: everything inline, nothing from elsewhere.
enum PageStyle {
    static let css = """
        :root{--bg:#f5f6f8;--card:#fff;--ink:#1b2330;--soft:#647084;--line:#e1e5eb;--accent:#2a6fdb;--good:#2f9e64;--busy:#8fb8de;\
        --cancel:#b9a7dd;--none:#e3b341;--refuse:#e07b39;--fail:#cf3f4f;--crit:#a3123a;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
        @media(prefers-color-scheme:dark){:root{--bg:#11151c;--card:#1a2029;--ink:#e4e9f0;--soft:#93a0b4;--line:#2c3542;--accent:#6aa5ff;\
        --good:#4cc38a;--busy:#5d8fc4;--cancel:#8f7cc0;--none:#d9a62e;--refuse:#e58a4e;--fail:#ee6474;--crit:#ff7d9c}}
        *{box-sizing:border-box}html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
        main{max-width:1160px;margin:0 auto;padding:20px 18px 60px}
        header h1{font-size:22px;margin:6px 0 2px}header p{margin:0;color:var(--soft);overflow-wrap:anywhere}
        h2{font-size:17px;margin:34px 0 10px}h2 small{font-weight:400;color:var(--soft);margin-left:8px;font-size:13px}
        .strip{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:10px;margin:18px 0}
        .strip div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px}
        .strip b{display:block;font-size:24px;line-height:1.25;font-variant-numeric:tabular-nums}
        .strip span{color:var(--soft);font-size:12.5px}
        .card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin:10px 0}
        .finding{border-left:5px solid var(--soft)}.finding.critical{border-left-color:var(--crit)}.finding.error{border-left-color:var(--fail)}
        .finding.warning{border-left-color:var(--none)}.finding.notice{border-left-color:var(--accent)}
        .finding .head{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline}
        .finding h3{margin:0;font-size:15.5px;flex:1 1 60%}.finding h3 code{font-weight:400;color:var(--soft)}
        .badge{font-size:11.5px;font-weight:600;text-transform:uppercase;letter-spacing:.04em;border-radius:5px;padding:1px 7px;color:#fff;background:var(--soft)}
        .badge.critical{background:var(--crit)}.badge.error{background:var(--fail)}.badge.warning{background:var(--none);color:#20170a}.badge.notice{background:var(--accent)}
        @media(prefers-color-scheme:dark){.badge{color:#11151c}}
        .count{font-size:20px;margin-left:auto;font-weight:650;font-variant-numeric:tabular-nums}
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,500px),1fr));gap:10px;align-items:start}.cards .card{margin:0;min-width:0}
        .finding p{margin:6px 0}.finding dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:8px 0 4px}
        .finding dt{color:var(--soft)}.finding dd{margin:0}
        .spark{width:180px;height:26px}.spark rect{fill:var(--accent)}
        details{margin-top:6px}summary{cursor:pointer;color:var(--accent);overflow-wrap:anywhere}
        pre{font:12.5px/1.45 var(--mono);overflow-x:auto;margin:8px 0;padding:10px;background:var(--bg);border-radius:6px}
        code{font-family:var(--mono);font-size:.9em}
        svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font:11.5px system-ui,sans-serif}
        .grid{stroke:var(--line);fill:none}.e0,.s0{fill:var(--good);background:var(--good)}.e1,.s1{fill:var(--busy);background:var(--busy)}
        .e2,.s2{fill:var(--cancel);background:var(--cancel)}.e3,.s3{fill:var(--none);background:var(--none)}
        .e4,.s4{fill:var(--refuse);background:var(--refuse)}.e5,.s5{fill:var(--fail);background:var(--fail)}
        .up{fill:none;stroke:var(--ink);stroke-width:1.4;opacity:.75}.mark{stroke:var(--crit);stroke-dasharray:3 3}
        .bar,.cell{fill:var(--accent)}.quant{stroke:var(--fail);stroke-dasharray:4 3}
        .legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px;color:var(--soft);margin:4px 0 0}
        .legend i{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:5px}
        .legend .line{height:2px;width:16px;background:var(--ink);vertical-align:middle}
        .two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:10px}.two .card{margin:0;min-width:0}
        .bars div{display:grid;grid-template-columns:minmax(96px,190px) 1fr 64px 62px;gap:8px;align-items:center;font-variant-numeric:tabular-nums;margin:3px 0}
        .bars span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.bars b{background:var(--bg);border-radius:4px;height:15px;overflow:hidden}
        .bars i{display:block;height:100%;border-radius:4px}.bars em{font-style:normal;text-align:right}.bars em+em{color:var(--soft)}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th{text-align:left;font-weight:600;color:var(--soft);font-size:12.5px;border-bottom:1px solid var(--line);padding:4px 10px 4px 0;cursor:pointer;white-space:nowrap}
        td{padding:4px 10px 4px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}tr:last-child td{border-bottom:0}
        .n{text-align:right;white-space:nowrap}.zero{color:var(--soft);opacity:.6}
        .meter{display:inline-block;width:70px;height:8px;background:var(--bg);border-radius:4px;margin-right:8px;overflow:hidden;vertical-align:middle}
        .pct{display:inline-block;min-width:58px;text-align:right}.meter i{display:block;height:100%;background:var(--good)}
        .tree summary{color:inherit;display:grid;grid-template-columns:1fr 90px 150px;gap:8px}.tree ul{margin:2px 0 6px;padding-left:20px;color:var(--soft)}
        .none{color:var(--good);font-weight:600}.foot{color:var(--soft);font-size:13px}
        @media(max-width:560px){main{padding:12px 10px 40px}.strip b{font-size:20px}.bars div{grid-template-columns:92px 1fr 48px 54px}
        .finding dl{grid-template-columns:1fr}.finding dt{margin-top:4px}.tree summary{grid-template-columns:1fr 50px 110px}}
        @media print{body{background:#fff}.card,.strip div{break-inside:avoid;border-color:#bbb}summary{color:inherit}}
        """

    static let script = """
        document.querySelectorAll('th').forEach(h=>h.addEventListener('click',()=>{const t=h.closest('table'),b=t.tBodies[0],i=[...h.parentNode.children].indexOf(h),\
        v=r=>{const x=r.children[i].textContent.replace(/[, %]/g,'');return x!==''&&!isNaN(x)?+x:r.children[i].textContent},d=h.dataset.d=h.dataset.d==='1'?'-1':'1';\
        [...b.rows].sort((p,q)=>{const a=v(p),c=v(q);return(c>a?1:a>c?-1:0)*d}).forEach(r=>b.append(r))}));
        """
}
