-- book.lua - the pandoc filter of the book, for HTML and LaTeX.
--
-- It reads what weave.awk wrote and what the programs wrote, and turns references into links, formulas into numbered formulas, and the
-- fenced divs of book/writing.md into transcripts, tables and listings. Whatever is missing is an error that names the page and the
-- label; all errors of a page are told at once. With DRAFT=1 in the environment, what is missing is printed as a red "??" instead, for
-- use while writing.
--
-- Metadata: page (name of the page, as 01-tensors), refs (its rows of labels.tsv). Files are named relative to the root of the
-- repository; BUILD in the environment names the folder of generated files.

local BUILD = os.getenv 'BUILD' or 'build'
local DRAFT = os.getenv 'DRAFT' == '1'
local LATEX = FORMAT:match 'latex' ~= nil
local WRITER = LATEX and 'latex-smart' or 'html'

local page                   -- name of this page
local labels = {}            -- label -> {num, kind, page, title}
local chapters = {}          -- labels of kind ch in the order of the book
local problems = {}

local function problem(...) problems[#problems + 1] = page .. ': ' .. string.format(...) end

-- ------------------------------------------------------------------ files

local function read_file(path)
  local f = io.open(path, 'rb')
  if not f then return nil end
  local s = f:read 'a'
  f:close()
  return s
end

local function lines(s) return s:gmatch '([^\n]*)\n?' end

local function split_tabs(line)
  local cells = {}
  for cell in (line .. '\t'):gmatch '([^\t]*)\t' do cells[#cells + 1] = cell end
  return cells
end

-- The rows of a tab-separated file; none if there is no file.
local function rows(path)
  local all = {}
  for line in lines(read_file(path) or '') do
    if line ~= '' then all[#all + 1] = split_tabs(line) end
  end
  return all
end

-- These two are read when first needed: most pages need only one of them.
local function lazily(load)
  local t
  return function() t = t or load(); return t end
end

local values = lazily(function()
  local t = {}
  for _, r in ipairs(rows(BUILD .. '/values.tsv')) do t[r[1]] = r[2] end
  return t
end)

local tests = lazily(function()
  local t = {}
  for _, r in ipairs(rows(BUILD .. '/eqtests.tsv')) do
    t[r[1]] = t[r[1]] or {}
    table.insert(t[r[1]], {program = r[2], number = r[3], title = ((r[4] or ''):gsub('^%[.-%]%s*', ''))})
  end
  return t
end)

-- ------------------------------------------------------------------ writing HTML and LaTeX by hand

local function raw(s) return pandoc.RawInline(LATEX and 'latex' or 'html', s) end
local function raw_block(s) return pandoc.RawBlock(LATEX and 'latex' or 'html', s) end

local function html(s) return (s:gsub('[&<>"]', {['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;'})) end

local TEX = {['\\'] = '\\textbackslash{}', ['{'] = '\\{', ['}'] = '\\}', ['$'] = '\\$', ['&'] = '\\&', ['#'] = '\\#', ['^'] = '\\^{}',
  ['_'] = '\\_', ['%'] = '\\%', ['~'] = '\\textasciitilde{}', ['-'] = '{-}', ['`'] = '\\textasciigrave{}', ["'"] = '\\textquotesingle{}',
  ['"'] = '\\textquotedbl{}'}
local function tex(s) return (s:gsub('[\\{}$&#^_%%~`\'"-]', TEX)) end

-- In fancyvrb's environments only these three are special.
local function verb(s) return (s:gsub('[\\{}]', {['\\'] = '\\textbackslash{}', ['{'] = '\\{', ['}'] = '\\}'})) end

local function written(inlines)
  return (pandoc.write(pandoc.Pandoc {pandoc.Plain(inlines)}, WRITER):gsub('\n$', ''))
end

local function written_blocks(blocks)
  return (pandoc.write(pandoc.Pandoc(blocks), WRITER):gsub('\n$', ''))
end

local function parsed(s)
  local doc = pandoc.read(s, 'markdown')
  return doc.blocks[1] and doc.blocks[1].content or {}
end

local function target(id) return LATEX and '\\hypertarget{' .. id .. '}{}' or '' end

-- In LaTeX all pages are one document, so a label is its own address.
local function address(id, at)
  if LATEX or at == page then return '#' .. id end
  return at .. '.html#' .. id
end

local function draft(what)
  return raw(LATEX and '\\missing{' .. tex(what) .. '}' or '<strong class="missing" title="' .. html(what) .. '">??</strong>')
end

-- Tell what is missing; in a draft print it instead.
local function missing(...)
  if not DRAFT then problem(...) end
  return draft(string.format(...))
end

-- ------------------------------------------------------------------ numbers

-- A value as a program printed it, with a real minus sign and powers of ten.
local function number(s)
  local mantissa, exponent = s:match '^(-?%d[%d.]*)[eE]([-+]?%d+)$'
  if mantissa then return pandoc.Math('InlineMath', string.format('%s\\times 10^{%d}', mantissa, tonumber(exponent))) end
  if s:match '^-[%d.]' then s = '−' .. s:sub(2) end
  return pandoc.Str(s)
end

local function is_number(s) return s:match '^[-+]?%d[%d.,]*%%?$' or s:match '^[-+]?%d[%d.]*[eE][-+]?%d+$' or s:match '^[-+]?%.%d+$' end

local function value(name)
  local v = values()[name]
  if v then return number(v) end
  return missing('no value %s in values.tsv', name)
end

-- ------------------------------------------------------------------ references

local WORDS = {fig = 'figure', tbl = 'table', sec = 'section', ch = 'chapter', ex = 'exercise', eq = 'equation', answer = 'the answer to exercise'}

local function find(id)
  local l = labels[id]
  if not l and not DRAFT then problem('nothing is labelled %s', id) end
  return l
end

-- The words of a reference: (1.1) for an equation, figure 1.2 for a figure, the title where there is no number.
local function reference_text(l, id, capital, number_only, bracketed)
  local kind = l.kind == 'def' and 'eq' or l.kind
  if number_only then return l.num end
  if l.num == '' then return l.title end
  if kind == 'eq' and not capital and not bracketed then return '(' .. l.num .. ')' end
  local word = WORDS[kind]
  if kind == 'ch' and l.num:match '%u' then word = 'appendix' end
  if capital then word = word:sub(1, 1):upper() .. word:sub(2) end
  return word .. '\u{a0}' .. (kind == 'eq' and not bracketed and '(' .. l.num .. ')' or l.num)
end

local function reference(citation, bracketed)
  local id = citation.id
  local name = id:match '^[Vv]al:(.+)$'
  if name then return value(name) end
  local capital = id:match '^%u' ~= nil
  id = id:sub(1, 1):lower() .. id:sub(2)
  local l = find(id)
  if not l then return draft(id) end
  local text = reference_text(l, id, capital, citation.mode == 'SuppressAuthor', bracketed)
  return pandoc.Link({pandoc.Str(text)}, address(id, l.page), '', {class = 'ref'})
end

local function Cite(el)
  local bracketed = el.citations[1].mode ~= 'AuthorInText'
  local out = pandoc.List()
  for i, c in ipairs(el.citations) do
    if i > 1 then out:extend {pandoc.Str ',', pandoc.Space()} end
    out:extend(c.prefix)
    if #c.prefix > 0 then out:insert(pandoc.Space()) end
    out:insert(reference(c, bracketed and c.mode ~= 'SuppressAuthor'))
    if #c.suffix > 0 and c.suffix[1].t ~= 'Space' and not pandoc.utils.stringify(c.suffix):match '^[,.;:]' then out:insert(pandoc.Space()) end
    out:extend(c.suffix)
  end
  if bracketed and not (#el.citations == 1 and el.citations[1].mode == 'SuppressAuthor') then
    out:insert(1, pandoc.Str '(')
    out:insert(pandoc.Str ')')
  end
  return out
end

-- [text](#label) may name anything that has a label.
local function Link(el)
  local id = el.target:match '^#(.+)$'
  if not id then return nil end
  local l = labels[id]
  if l then el.target = address(id, l.page)
  elseif id:match '^[a-z]+:' then
    find(id)
    return el.content
  end
  return el
end

-- ------------------------------------------------------------------ formulas

-- Brackets grow only around what is tall: a browser sets a bracket that may grow with space around it.
local TALL = {'<mfrac', '<mtable', '<munder', '<mover', '<msqrt'}
local function calm_brackets(s)
  local open, out, at = {}, {}, 1
  for before, mo, form, after in s:gmatch '()(<mo stretchy="true" form="(%a+)">)()' do
    out[#out + 1] = s:sub(at, before - 1)
    out[#out + 1] = mo
    if form == 'prefix' then open[#open + 1] = {#out, after}
    elseif form == 'postfix' and #open > 0 then
      local first = table.remove(open)
      local inside, tall = s:sub(first[2], before - 1), false
      for _, tag in ipairs(TALL) do tall = tall or inside:find(tag, 1, true) end
      if not tall then
        out[first[1]] = '<mo stretchy="false" form="prefix">'
        out[#out] = '<mo stretchy="false" form="postfix">'
      end
    end
    at = after
  end
  return table.concat(out) .. s:sub(at)
end

-- The name of a function stands apart from what it multiplies, not from an operator or a bracket before it, nor from its own bracket.
local function function_names(s)
  s = s:gsub('<mo>(%a%w+)</mo>(<mrow><mo [^>]*form="prefix">%()', '<mo lspace="0.17em" rspace="0">%1</mo>%2')
  s = s:gsub('<mo>(%a%w+)</mo>(<msu%a+><mrow><mo [^>]*form="prefix">%()', '<mo lspace="0.17em" rspace="0">%1</mo>%2')
  return (s:gsub('<mo>(%a%w+)</mo>', '<mo lspace="0.17em" rspace="0.17em">%1</mo>'))
end

-- Whether nothing stands before the end of s that an operator could join to what follows.
local function opens(s)
  local mo, sign = s:match '(<mo[^>]*>)([^<]*)</mo>$'
  if mo then return not mo:find 'postfix' and not sign:match '^[|!%)%]]$' and sign ~= '‖' and sign ~= '′' end
  return s:match '<%a[^>]*>$' ~= nil
end

-- A browser knows a minus sign from a difference only at the start of a row.
local function signs(s)
  s = s:gsub('()<mo lspace="0.17em"', function(at) if opens(s:sub(1, at - 1)) then return '<mo lspace="0"' end end)
  return (s:gsub('()<mo>−</mo>', function(at) if opens(s:sub(1, at - 1)) then return '<mo form="prefix">−</mo>' end end))
end

-- pandoc's MathML put into the words of MathML Core, which is what browsers read: no mathvariant but on mi, no columnalign.
local function mathml(el)
  local doc = pandoc.Pandoc {pandoc.Plain {el}}
  local s = pandoc.write(doc, 'html', pandoc.WriterOptions {html_math_method = 'mathml'})
  if not s:match '<math' then problem('the formula %s cannot be put into MathML', el.text) end
  s = s:gsub('<mstyle mathvariant="normal">(.-)</mstyle>', function(inside)
    local letters = inside:gsub('<mi>([^<]*)</mi>', '%1')
    if not letters:find '<' then return '<mi mathvariant="normal">' .. letters .. '</mi>' end
  end)
  s = s:gsub('<mtable><mtr><mtd columnalign="right"', '<mtable class="aligned" displaystyle="true"><mtr><mtd columnalign="right"')
  -- Chromium moves a formula in its cell for -webkit-right alone, which the others know too
  s = s:gsub('columnalign="(%a+)"', 'style="text-align: -webkit-%1"')
  s = signs(function_names(s))
  s = calm_brackets(s):gsub('form="%a+">∥</mo>', 'lspace="0" rspace="0">∥</mo>'):gsub('\n$', '')
  -- a long formula within a line scrolls in its own box on a narrow screen
  if el.mathtype == 'InlineMath' and #el.text > 40 then s = '<span class="long">' .. s .. '</span>' end
  return raw(s)
end

-- @val:name in a formula is a value too. Displayed formulas are set with their numbers, in equations().
local function Math(el)
  el.text = el.text:gsub('@val:([%w_.-]*[%w_])', function(name)
    local v = value(name)
    return v.t == 'Math' and v.text or v.t == 'Str' and v.text:gsub('−', '-') or '{??}'
  end)
  if LATEX or el.mathtype == 'DisplayMath' then return el end
  return mathml(el)
end

-- ------------------------------------------------------------------ equations

-- The mark that says which tests checked an equation.
local function mark(id)
  local list = tests()[id]
  if not list or labels[id].kind == 'def' then return '' end
  local names = {}
  for i = 1, math.min(#list, 3) do names[i] = 'tests/' .. list[i].program .. '.c, test ' .. list[i].number .. ': ' .. list[i].title end
  if #list > 3 then names[4] = 'and ' .. #list - 3 .. ' more' end
  if LATEX then return '\\testmark{test-' .. id .. '}' end
  return string.format('<a class="mark" href="%s" title="Checked by %s" aria-label="Equation %s is tested">✓</a>',
    address('test-' .. id, 'Z-index'), html(table.concat(names, '; ')), labels[id].num)
end

local function equation(math, id)
  local l = find(id)
  if not l then return {math} end
  if LATEX then
    return {raw(string.format('\\begin{equation*}\\eqtarget{%s}%s\\tag*{%s(%s)}\\end{equation*}', id, math.text:gsub('^%s+', ''):gsub('%s+$', ''), mark(id), l.num))}
  end
  return {raw('<span class="equation" id="' .. id .. '"><span class="formula">'), mathml(math),
    raw(string.format('</span><span class="number">%s<a href="#%s" aria-label="Link to equation %s">(%s)</a></span></span>', mark(id), id, l.num, l.num))}
end

-- The label {#eq:name} after the inline at place i: the name, and the place of its last inline.
local function label_after(inlines, i)
  local s, j = '', i + 1
  while inlines[j] and (inlines[j].t == 'Space' or inlines[j].t == 'SoftBreak') do j = j + 1 end
  if not (inlines[j] and inlines[j].t == 'Str' and inlines[j].text:match '^{#eq:') then return nil end
  while inlines[j] do
    s = s .. (inlines[j].text or ' ')
    if s:match '}' then return s:match '#([^%s}]+)', j, s:match '}(.*)$' end
    j = j + 1
  end
end

local function equations(inlines)
  local out, i, found = pandoc.List(), 1, false
  while i <= #inlines do
    local el = inlines[i]
    if el.t == 'Math' and el.mathtype == 'DisplayMath' then
      local id, last, rest = label_after(inlines, i)
      if id then
        found = true
        out:extend(equation(el, id))
        if rest ~= '' then out:insert(pandoc.Str(rest)) end
        i = last
      elseif LATEX then out:insert(el)
      else
        found = true
        out:extend {raw '<span class="equation"><span class="formula">', mathml(el), raw '</span></span>'}
      end
    else
      out:insert(el)
    end
    i = i + 1
  end
  return found and out or nil
end

-- ------------------------------------------------------------------ figures

local function caption(kind, l, inlines)
  local head = string.format('%s %s.', kind, l.num)
  if LATEX then return '\\captionhead{' .. head .. '} ' .. written(inlines) end
  return '<span class="caption-head">' .. head .. '</span> ' .. written(inlines)
end

-- width=70% is a part of the measure
local function width(el)
  local percent = el.attributes.width and el.attributes.width:match '^(%d+)%%$'
  if not percent then return '' end
  if LATEX then return string.format('[width=%.2f\\linewidth]', percent / 100) end
  return string.format(' style="width: %d%%"', percent)
end

local function figure(img)
  local name = img.src:match '^fig:(.+)$'
  local id = img.identifier
  local l = id ~= '' and find(id)
  if id == '' then problem('the figure %s has no label', name) end
  if not l then return nil end
  local alt = img.attributes.alt
  if not alt or not alt:match '%S' then problem('the figure %s has no alternative text (alt="...")', id) return nil end
  local path = string.format('%s/fig/%s.%s', BUILD, name, LATEX and 'pdf' or 'svg')
  local text = caption('Figure', l, img.caption)
  local picture
  if not read_file(path) then picture = written {missing('the figure %s needs %s', id, path)}
  elseif LATEX then picture = string.format('\\bookgraphics%s{%s}', width(img), path)
  else picture = string.format('<img src="fig/%s.svg" alt="%s"%s>', name, html(alt), width(img)) end
  if LATEX then return raw_block(string.format('\\begin{bookfigure}%s%s\\bookcaption{%s}\\end{bookfigure}', target(id), picture, text)) end
  return raw_block(string.format('<figure id="%s">\n%s\n<figcaption>%s</figcaption>\n</figure>', id, picture, text))
end

local function Para(el)
  for _, x in ipairs(el.content) do
    if x.t == 'Image' and x.src:match '^fig:' then
      if #el.content == 1 then return figure(x) end
      problem('the figure %s does not stand in a paragraph of its own', x.src)
    end
  end
  local starts = LATEX and el.content[1] and el.content[1].t == 'Math' and el.content[1].mathtype == 'DisplayMath'
  local content = equations(el.content) or starts and el.content
  if starts then content:insert(1, raw '\\displaystart') end
  if content then return pandoc.Para(content) end
end

local function Plain(el)
  local content = equations(el.content)
  if content then return pandoc.Plain(content) end
end

-- ------------------------------------------------------------------ tables

-- About how many letters wide a cell is, and its longest word. Letters of code are wider; in a formula commands count as one letter.
local function cell_letters(blocks)
  local sum, word, longest = 0, 0, 0
  local function count(n) sum = sum + n; word = word + n; longest = math.max(longest, word) end
  local function gap() sum = sum + 1; word = 0 end
  pandoc.walk_block(pandoc.Div(blocks), {
    Str = function(x) count(utf8.len(x.text)) end,
    Code = function(x) count(1.25 * utf8.len(x.text)) end,
    Math = function(x) count(utf8.len((x.text:gsub('\\%a+', 'x'):gsub('[{}_^ \\]', '')))) end,
    Space = gap, SoftBreak = gap, LineBreak = gap,
  })
  return sum, longest
end

-- The letters of the widest cell and of the longest word of each column, and the sum of the first with the gaps between.
local function lengths(tbl)
  local simple = pandoc.utils.to_simple_table(tbl)
  local all, letters, words, sum = {simple.header, table.unpack(simple.rows)}, {}, {}, 0
  for c = 1, #simple.header do
    letters[c], words[c] = 1, 1
    for _, r in ipairs(all) do
      local n, w = cell_letters(r[c])
      letters[c], words[c] = math.max(letters[c], n), math.max(words[c], w)
    end
    sum = sum + letters[c] + 2.5
  end
  return letters, words, sum
end

local MEASURE = 78      -- letters of a table's size that fit the measure

-- pandoc gives the columns of a table with one long line the widths of the dashes below its head. Where those are equal nobody chose
-- them, and the columns get what their text needs: their natural width if it fits, else a share by length.
local function balance(tbl)
  local first = tbl.colspecs[1][2]
  for _, spec in ipairs(tbl.colspecs) do if not spec[2] or math.abs(spec[2] - first) > 0.001 then return end end
  local letters, words, sum = lengths(tbl)
  local spare, wanted = MEASURE - 2.5 * #letters, 0
  for c, n in ipairs(letters) do spare = spare - words[c]; wanted = wanted + n - words[c] end
  for c, spec in ipairs(tbl.colspecs) do
    local share = words[c] + math.max(spare, 0) * (letters[c] - words[c]) / math.max(wanted, 1)
    tbl.colspecs[c] = {spec[1], sum > MEASURE and (share + 2.5) / MEASURE or nil}
  end
  return tbl
end

-- About how many lines a table has on paper.
local function table_lines(tbl)
  local simple, sum = pandoc.utils.to_simple_table(tbl), 1
  for _, r in ipairs(simple.rows) do
    local most = 1
    for c, cell in ipairs(r) do
      local w = tbl.colspecs[c][2]
      if w then most = math.max(most, math.ceil(cell_letters(cell) / (w * MEASURE))) end
    end
    sum = sum + most
  end
  return sum
end

-- pandoc writes all tables so that pages can break between their rows. A short one is a box, which stays with its caption.
local function latex_table(tbl, head, note, wide)
  local short = table_lines(tbl) <= 24
  local s = written_blocks {tbl}
  if short then
    s = s:gsub('\\begin{longtable}%[%]', '\\begin{tabular}'):gsub('\\endhead\n', ''):gsub('\\end{longtable}', '\\end{tabular}\\par')
  end
  s = (head or '') .. s .. (note and '\n\\provenance{' .. tex(table.concat(note, ' · ')) .. '}' or '')
  if wide then s = '\\widetable ' .. s end
  return raw_block(short and '\\begin{shorttable}' .. s .. '\\end{shorttable}' or '{' .. s .. '}')
end

local function table_blocks(id, inlines, tbl, provenance)
  local l = find(id)
  if not l then return nil end
  local text = caption('Table', l, inlines)
  local note = provenance and #provenance > 0 and provenance
  if LATEX then
    return latex_table(tbl, string.format('\\tablehead{%s}{%s}', target(id), text), note, provenance and select(3, lengths(tbl)) > MEASURE)
  end
  return {
    raw_block(string.format('<figure class="table" id="%s">\n<figcaption>%s</figcaption>\n<div class="scroll" tabindex="0" role="region" aria-label="Table %s">', id, text, l.num)),
    tbl,
    raw_block('</div>' .. (note and '<p class="provenance">' .. html(table.concat(note, ' · ')) .. '</p>' or '') .. '</figure>'),
  }
end

-- A table of the text: its label stands at the end of its caption.
local function Table(el)
  local long = el.caption.long
  local block = long and long[#long]
  if not block then return LATEX and latex_table(el) or nil end
  local content = block.content
  local last = content[#content]
  local id = last and last.t == 'Str' and last.text:match '^{#(tbl:[^}]+)}$'
  if not id then return nil end
  content:remove()
  while #content > 0 and (content[#content].t == 'Space' or content[#content].t == 'SoftBreak') do content:remove() end
  el.caption = {long = {}}
  return table_blocks(id, content, el)
end

-- The rows of a .tsv file as a table: numbers to the right, with real minus signs.
local function tsv_table(text)
  local provenance, data = {}, {}
  for line in lines(text) do
    if line:match '^#' then provenance[#provenance + 1] = line:gsub('^#%s*', '')
    elseif line ~= '' then data[#data + 1] = split_tabs(line) end
  end
  local head = table.remove(data, 1) or {}
  local aligns, widths, cells = {}, {}, {}
  for c = 1, #head do
    local numeric = #data > 0
    for _, r in ipairs(data) do if r[c] and r[c] ~= '' and r[c] ~= '-' and not is_number(r[c]) then numeric = false end end
    aligns[c] = numeric and 'AlignRight' or 'AlignLeft'
    widths[c] = 0
    head[c] = {pandoc.Plain {pandoc.Str(head[c])}}
  end
  for i, r in ipairs(data) do
    cells[i] = {}
    for c = 1, #head do cells[i][c] = {pandoc.Plain {is_number(r[c] or '') and number(r[c]) or pandoc.Str(r[c] or '')}} end
  end
  return pandoc.utils.from_simple_table(pandoc.SimpleTable({}, aligns, widths, head, cells)), provenance
end

-- ------------------------------------------------------------------ listings

-- A chunk's name in a listing, as it stands in HTML or LaTeX. [[code]] in it is code.
local function name_in_code(name)
  if LATEX then
    local s = name:gsub('%[%[(.-)%]%]', '\1%1\2')
    return (verb(s):gsub('\1', '\\texttt{'):gsub('\2', '}'))
  end
  return (html(name):gsub('%[%[(.-)%]%]', '<code>%1</code>'))
end

local function use_in_code(number)
  local l = find('chunk:' .. number)
  if not l then return '??' end
  if LATEX then return string.format('\\chunkuse{chunk:%s}{%s}{%s}', number, name_in_code(l.title), number) end
  return string.format('<a class="chunk-use" href="%s">⟨%s <span class="chunk-number">%s</span>⟩</a>', address('chunk:' .. number, l.page), name_in_code(l.title), number)
end

local function hole_in_code(number)
  local l = labels['answer:' .. number]
  if LATEX then return string.format('\\chunkhole{%s}{%s}', l and 'answer:' .. number or '', number) end
  local link = l and string.format(' <a class="peek" href="%s">answer</a>', address('answer:' .. number, l.page)) or ''
  return string.format('<span class="hole">⟨your answer to %s⟩%s</span>', number, link)
end

-- Code with colours. The chunk names in it were words while pandoc coloured it (links are not possible in code), and are links after.
local listing_count = 0
local function listing(text, class, id)
  text = text:gsub('^[ \n]*\n', ''):gsub('%s+$', '')
  listing_count = listing_count + 1
  local cb = pandoc.CodeBlock(text, pandoc.Attr(id or 'code-' .. page .. '-' .. listing_count, {class}))
  local s = pandoc.write(pandoc.Pandoc {cb}, WRITER)
  if LATEX and not s:match '\\begin{Highlighting}' then
    s = '\\begin{Shaded}\n\\begin{Highlighting}[]\n' .. verb(text) .. '\n\\end{Highlighting}\n\\end{Shaded}'
  end
  if LATEX and select(2, text:gsub('\n', '')) < 8 then s = s:gsub('\\begin{Highlighting}%[%]', '\\begin{Highlighting}[samepage=true]') end
  s = s:gsub('NWUSE(%w+)d(%d+)Z', function(a, b) return use_in_code(a .. '.' .. b) end)
  s = s:gsub('NWHOLE(%w+)d(%d+)Z', function(a, b) return hole_in_code(a .. '.' .. b) end)
  if not LATEX then
    -- pandoc numbers every line with an empty link, which the keyboard would stop at
    s = s:gsub('<span id="[^"]*"><a href="[^"]*" aria%-hidden="true" tabindex="%-1"></a>', '<span>')
    s = s:gsub('<pre', '<pre tabindex="0"', 1)
  end
  return raw_block(s)
end

local function CodeBlock(el) return listing(el.text, el.classes[1] or 'text', el.identifier ~= '' and el.identifier or nil) end

-- Long names may break after an underscore, a bracket or a slash.
local function Code(el)
  if not LATEX then return pandoc.Code(el.text) end
  local s = tex(el.text):gsub('\\_', '\\_\\codebreak{}'):gsub('([(,/])', '%1\\codebreak{}')
  return raw('\\code{' .. s .. '}')
end

-- ------------------------------------------------------------------ divs

local function without_margin(text)
  local margin
  for line in lines(text) do
    if line:match '%S' then local m = #line:match '^ *'; margin = margin and math.min(margin, m) or m end
  end
  return (('\n' .. text):gsub('\n' .. (' '):rep(margin or 0), '\n'):sub(2))
end

local function excerpt(el)
  local file, part = el.attributes.file or '', el.attributes.part or ''
  local text = read_file(file)
  if not text then return pandoc.Para {missing('the excerpt needs the file %s', file)} end
  local plain = part:gsub('%p', '%%%0')
  local body = text:match('/%* begin ' .. plain .. ' %*/[^\n]*\n(.-)[^\n]*/%* end ' .. plain .. ' %*/')
  if not body then return pandoc.Para {missing('%s has no lines between /* begin %s */ and /* end %s */', file, part, part)} end
  body = without_margin(body:gsub('%s+$', ''))
  local head = pandoc.List {Code(pandoc.Code(file)), pandoc.Str ',', pandoc.Space(), pandoc.Emph(parsed(part))}
  if LATEX then return {raw_block('\\begin{chunk}\\listinghead{' .. written(head) .. '}'), listing(body, 'c'), raw_block '\\end{chunk}'} end
  return {raw_block('<div class="chunk excerpt"><div class="chunk-head"><p>' .. written(head) .. '</p></div>'), listing(body, 'c'), raw_block '</div>'}
end

local function transcript(el)
  local run = el.attributes.run or ''
  local path = string.format('%s/out/%s.txt', BUILD, run:gsub(' ', '-'):gsub('/', '_'))
  local text = read_file(path)
  if not text then return pandoc.Para {missing('no transcript of "%s": %s is missing', run, path)} end
  text = text:gsub('%s+$', '')
  local command, rest = text:match '^(%$ [^\n]*)\n?(.*)$'
  if not command then problem('%s does not start with the command', path) return nil end
  if LATEX then
    return raw_block('\\begin{Transcript}\n\\command{' .. verb(command) .. '}\n' .. (rest ~= '' and verb(rest) .. '\n' or '') .. '\\end{Transcript}')
  end
  return raw_block('<pre class="transcript" tabindex="0"><code><span class="command">' .. html(command) .. '</span>\n' .. html(rest) .. '</code></pre>')
end

local function tsv(el)
  local file = el.attributes.file or ''
  local text = read_file(BUILD .. '/out/' .. file) or read_file('book/results/' .. file)
  if not text then return pandoc.Para {missing('the table %s needs %s', el.identifier, file)} end
  local tbl, provenance = tsv_table(text)
  local inlines = el.content[1] and el.content[1].content or {}
  if el.identifier == '' then problem('the table %s has no label', file) return nil end
  return table_blocks(el.identifier, inlines, tbl, provenance)
end

local function wrap(el, before, after)
  local out = pandoc.List {raw_block(before)}
  out:extend(el.content)
  out:insert(raw_block(after))
  return out
end

local function chunk_head(el)
  if not LATEX then
    local head = el.content[1].content
    for i, x in ipairs(head) do
      if x.classes and x.classes:includes 'chunk-number' then
        local n = pandoc.utils.stringify(x)
        head[i] = pandoc.Link(x.content, '#chunk:' .. n, '', {class = 'chunk-number', ['aria-label'] = 'Link to chunk ' .. n})
      end
    end
    return el
  end
  local part = {}
  for _, x in ipairs(el.content[1].content) do if x.t == 'Span' then part[#part + 1] = written(x.content) end end
  return raw_block(string.format('\\chunkhead{%s}{%s}{%s}', part[1], part[2]:match '+' and '{+}{\\equiv}' or '{\\equiv}', part[3]))
end

-- Plain text as inlines, so that it can break at its blanks.
local function words(s)
  local list = pandoc.List()
  for word in s:gmatch '%S+' do
    if #list > 0 then list:insert(pandoc.Space()) end
    list:insert(pandoc.Str(word))
  end
  return list
end

-- The tests of an equation in a list for each program.
local function by_program(list)
  local all = {}
  for _, t in ipairs(list) do
    if #all == 0 or all[#all].program ~= t.program then all[#all + 1] = {program = t.program} end
    table.insert(all[#all], t)
  end
  return all
end

-- Every numbered equation with the tests that check it, but of many tests in one program only the first: the report of the program has
-- them all.
local SHOWN = 6
local function equation_tests()
  local ids = {}
  for id, l in pairs(labels) do if l.kind == 'eq' then ids[#ids + 1] = id end end
  table.sort(ids, function(a, b) return labels[a].order < labels[b].order end)
  local cells = {}
  for _, id in ipairs(ids) do
    local list = pandoc.List()
    for i, p in ipairs(by_program(tests()[id] or {})) do
      if i > 1 then list:insert(pandoc.LineBreak()) end
      list:insert(Code(pandoc.Code('tests/' .. p.program .. '.c')))
      for j = 1, math.min(#p, SHOWN) do
        list:extend {pandoc.Str(j > 1 and ';' or ''), pandoc.Space(), pandoc.Emph {pandoc.Str(p[j].number)}, pandoc.Str '\u{a0}'}
        list:extend(words(p[j].title))
      end
      if #p > SHOWN then list:extend(words('; and ' .. #p - SHOWN .. ' more')) end
    end
    if #list == 0 then list:insert(pandoc.Str '—') end
    local anchor = LATEX and raw('\\hypertarget{test-' .. id .. '}{}') or raw('<span id="test-' .. id .. '"></span>')
    cells[#cells + 1] = {{pandoc.Plain {anchor, pandoc.Link({pandoc.Str('(' .. labels[id].num .. ')')}, address(id, labels[id].page))}}, {pandoc.Plain(list)}}
  end
  if #cells == 0 then return pandoc.Para {pandoc.Str 'There are none.'} end
  local head = {{pandoc.Plain {pandoc.Str 'Equation'}}, {pandoc.Plain {pandoc.Str 'Tests'}}}
  return pandoc.utils.from_simple_table(pandoc.SimpleTable({}, {'AlignLeft', 'AlignLeft'}, {0.13, 0.87}, head, cells))
end

local function Div(el)
  local has = function(class) return el.classes:includes(class) end
  if has 'transcript' then return transcript(el) end
  if has 'excerpt' then return excerpt(el) end
  if has 'tsv' then return tsv(el) end
  if has 'equation-tests' then return equation_tests() end
  if has 'chunk-head' then return chunk_head(el) end
  if not LATEX then return nil end
  if has 'chunk' then return wrap(el, '\\begin{chunk}' .. target(el.identifier) .. '\\nobreak', '\\end{chunk}') end
  if has 'chunk-foot' then return raw_block('\\chunkfoot{' .. written(el.content[1].content) .. '}') end
  if has 'index' then return wrap(el, '\\begin{bookindex}', '\\end{bookindex}') end
end

-- ------------------------------------------------------------------ headings

local function heading_tex(el, command, ...)
  local title = written(el.content)
  local plain = pandoc.utils.stringify(el.content)
  if title ~= plain then title = string.format('\\texorpdfstring{%s}{%s}', title, tex(plain):gsub('[{}]', '')) end
  local args = ''
  for _, a in ipairs {...} do args = args .. '{' .. a .. '}' end
  return raw_block(string.format('\\%s%s{%s}{%s}', command, args, el.identifier, title))
end

local function heading_html(el, number, word)
  if number then
    local text = word and word .. ' ' .. number or number
    el.content:insert(1, raw(string.format('<a class="number" href="#%s">%s</a> ', el.identifier, text)))
  end
  el.classes = el.classes:filter(function(c) return c ~= 'unnumbered' end)
  return el
end

local function Header(el)
  if el.level == 1 and not labels[el.identifier] then el.identifier = 'ch:' .. page end
  local l = labels[el.identifier]
  local number = l and l.num ~= '' and l.num
  -- headings without a label get addresses of their own: in the PDF all chapters are one document
  if not l and not el.identifier:match ':' then el.identifier = page .. '-' .. el.identifier end
  local exercise = l and (l.kind == 'ex' or l.kind == 'answer')
  if exercise then
    local before = LATEX and 'exercise' or nil
    if LATEX then return heading_tex(el, before, number, l.kind == 'answer' and 'ex:' .. number or '') end
    el.classes:insert 'exercise'
    if l.kind == 'answer' then
      el.content:insert(raw(string.format(' <a class="peek" href="%s">exercise</a>', address('ex:' .. number, labels['ex:' .. number].page))))
    end
    return heading_html(el, number, 'Exercise')
  end
  if not LATEX then return heading_html(el, el.level < 3 and number, el.level == 1 and number and (number:match '%u' and 'Appendix' or 'Chapter')) end
  if el.level == 1 then
    if number then return heading_tex(el, number:match '%u' and 'bookappendix' or 'bookchapter', number) end
    return heading_tex(el, 'bookplainchapter')
  end
  if el.level == 2 and number then return heading_tex(el, 'booksection', number) end
  return heading_tex(el, ({[2] = 'bookplainsection', [3] = 'booksubsection'})[el.level] or 'bookparagraph')
end

-- ------------------------------------------------------------------ the page

local function load_labels(path)
  local n = 0
  for _, r in ipairs(rows(path)) do
    n = n + 1
    labels[r[1]] = {num = r[2], kind = r[3], page = r[4], title = r[5] or '', order = n}
    if r[3] == 'ch' then chapters[#chapters + 1] = r[1] end
  end
  if n == 0 then error('no labels in ' .. path) end
end

local function Meta(meta)
  page = pandoc.utils.stringify(meta.page)
  load_labels(pandoc.utils.stringify(meta.refs))
end

local function chapter_link(id)
  local l = labels[id]
  local text = parsed(l.title)
  if l.num ~= '' then text:insert(1, pandoc.Space()); text:insert(1, pandoc.Str(l.num)) end
  return {url = l.page .. '.html', title = pandoc.MetaInlines(text)}
end

-- The sections of a chapter, for the top of its page.
local function section_list(blocks)
  local items = {}
  for _, b in ipairs(blocks) do
    if b.t == 'Header' and b.level == 2 then
      local l = labels[b.identifier]
      local text = pandoc.walk_inline(pandoc.Span(b.content), {Link = function(x) return x.content end}).content
      if l and l.num ~= '' then
        text:insert(1, pandoc.Space())
        text:insert(1, pandoc.Span({pandoc.Str(l.num)}, {class = 'number'}))
      end
      items[#items + 1] = {pandoc.Plain {pandoc.Link(text, '#' .. (l and b.identifier or page .. '-' .. b.identifier))}}
    end
  end
  return #items > 1 and pandoc.BulletList(items) or nil
end

local function insert_section_list(blocks)
  local list = section_list(blocks)
  for i, b in ipairs(blocks) do
    if list and b.t == 'Header' and b.level == 1 then
      blocks:insert(i + 1, raw_block '<nav class="sections" aria-label="In this chapter">')
      blocks:insert(i + 2, list)
      blocks:insert(i + 3, raw_block '</nav>')
      return
    end
  end
end

-- The drawing on the first page: gradient descent on (x^2 + 6 y^2)/2 with rate 0.28, over level lines. template.tex draws the same.
local function ornament()
  local out, points, x, y = {}, {}, 136, -40
  for i = 1, 14 do
    local r = i * 12.4
    out[i] = string.format('<ellipse rx="%.1f" ry="%.1f"/>', r, r / math.sqrt(6))
  end
  local dots = {}
  for i = 1, 15 do
    points[i] = string.format('%.1f,%.1f', x, y)
    dots[i] = string.format('<circle cx="%.1f" cy="%.1f" r="2"/>', x, y)
    x, y = 0.72 * x, -0.68 * y
  end
  return table.concat(out) .. '<polyline points="' .. table.concat(points, ' ') .. '"/>' .. table.concat(dots)
end

-- First the parts of the page that need the headings as they were written.
local function before(doc)
  if LATEX then return nil end
  insert_section_list(doc.blocks)
  for i, id in ipairs(chapters) do
    if labels[id].page == page then
      doc.meta.prev = chapters[i - 1] and chapter_link(chapters[i - 1]) or {url = 'index.html', title = 'Contents'}
      doc.meta.next = chapters[i + 1] and chapter_link(chapters[i + 1])
      doc.meta.pagetitle = pandoc.utils.stringify(parsed(labels[id].title))
      if labels[id].num ~= '' then doc.meta.pagetitle = labels[id].num .. ' ' .. doc.meta.pagetitle end
    end
  end
  if page == 'index' then
    doc.meta['is-index'] = true
    doc.meta.ornament = pandoc.MetaInlines {raw(ornament())}
    doc.meta.next = chapter_link(chapters[1])
  end
  return doc
end

local function after()
  if #problems > 0 then
    io.stderr:write(table.concat(problems, '\n'), '\n')
    os.exit(1)
  end
end

return {
  {Meta = Meta},
  {Pandoc = before},
  {Header = Header, Table = balance},
  {Para = Para, Plain = Plain, Cite = Cite, Link = Link, Math = Math, Code = Code},
  {Table = Table, Div = Div, CodeBlock = CodeBlock},
  {Pandoc = after},
}
