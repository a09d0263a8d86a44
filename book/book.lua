-- book.lua - the pandoc filter of the book, for HTML and LaTeX.
--
-- It reads what weave.awk wrote and what the programs wrote, and turns references into links,
-- formulas into numbered formulas, and the fenced divs of book/writing.md into transcripts, tables
-- and listings. Whatever is missing is an error that names the page and the label; all errors of a
-- page are told at once. With DRAFT=1 in the environment, what is missing is printed as a red "??"
-- instead, for use while writing.
--
-- Metadata: page (name of the page, as 01-tensors), refs (its rows of labels.tsv). Files are named
-- relative to the root of the repository; BUILD in the environment names the folder of generated
-- files. The table at the end says which function sees which element, and in which order.

local BUILD = os.getenv 'BUILD' or 'build'
local DRAFT = os.getenv 'DRAFT' == '1'
local LATEX = FORMAT:match 'latex' ~= nil
local WRITER = LATEX and 'latex-smart' or 'html'

local HERE = pandoc.path.directory(PANDOC_SCRIPT_FILE)
local for_browsers = dofile(pandoc.path.join {HERE, 'mathml.lua'})

-- Meta() fills these before anything else is looked at.
local page                   -- name of this page
local labels = {}            -- label -> {num, kind, page, title, order}
local chapters = {}          -- labels of kind ch in the order of the book
local problems = {}          -- what is wrong, told at the end

local function problem(...)
  problems[#problems + 1] = page .. ': ' .. string.format(...)
end

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
  return function()
    t = t or load()
    return t
  end
end

local values = lazily(function()
  local t = {}
  for _, r in ipairs(rows(BUILD .. '/values.tsv')) do t[r[1]] = r[2] end
  return t
end)

local tests = lazily(function()
  local t = {}
  for _, r in ipairs(rows(BUILD .. '/eqtests.tsv')) do
    local label, program, number, title = table.unpack(r)
    title = (title or ''):gsub('^%[.-%]%s*', '')
    t[label] = t[label] or {}
    table.insert(t[label], {program = program, number = number, title = title})
  end
  return t
end)

-- ------------------------------------------------------------------ writing HTML and LaTeX by hand

local function raw(s) return pandoc.RawInline(LATEX and 'latex' or 'html', s) end
local function raw_block(s) return pandoc.RawBlock(LATEX and 'latex' or 'html', s) end

local HTML = {['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;'}
local function html(s) return (s:gsub('[&<>"]', HTML)) end

local TEX = {
  ['\\'] = '\\textbackslash{}', ['{'] = '\\{', ['}'] = '\\}', ['$'] = '\\$', ['&'] = '\\&',
  ['#'] = '\\#', ['^'] = '\\^{}', ['_'] = '\\_', ['%'] = '\\%', ['~'] = '\\textasciitilde{}',
  ['-'] = '{-}', ['`'] = '\\textasciigrave{}', ["'"] = '\\textquotesingle{}',
  ['"'] = '\\textquotedbl{}',
}
local function tex(s) return (s:gsub('[\\{}$&#^_%%~`\'"-]', TEX)) end

-- In fancyvrb's environments only these three are special.
local VERB = {['\\'] = '\\textbackslash{}', ['{'] = '\\{', ['}'] = '\\}'}
local function verb(s) return (s:gsub('[\\{}]', VERB)) end

local function written_blocks(blocks)
  return (pandoc.write(pandoc.Pandoc(blocks), WRITER):gsub('\n$', ''))
end

local function written(inlines) return written_blocks {pandoc.Plain(inlines)} end

local function parsed(s)
  local doc = pandoc.read(s, 'markdown')
  return doc.blocks[1] and doc.blocks[1].content or {}
end

local function trimmed(s) return (s:gsub('^%s+', ''):gsub('%s+$', '')) end

local function target(id) return LATEX and '\\hypertarget{' .. id .. '}{}' or '' end

-- In LaTeX all pages are one document, so a label is its own address.
local function address(id, at)
  if LATEX or at == page then return '#' .. id end
  return at .. '.html#' .. id
end

local function draft(what)
  if LATEX then return raw('\\missing{' .. tex(what) .. '}') end
  return raw('<strong class="missing" title="' .. html(what) .. '">??</strong>')
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
  if mantissa then
    local power = string.format('%s\\times 10^{%d}', mantissa, tonumber(exponent))
    return pandoc.Math('InlineMath', power)
  end
  if s:match '^-[%d.]' then s = '−' .. s:sub(2) end
  return pandoc.Str(s)
end

local function is_number(s)
  return s:match '^[-+]?%d[%d.,]*%%?$'
    or s:match '^[-+]?%d[%d.]*[eE][-+]?%d+$'
    or s:match '^[-+]?%.%d+$'
end

local function value(name)
  local v = values()[name]
  if v then return number(v) end
  return missing('no value %s in values.tsv', name)
end

-- ------------------------------------------------------------------ references

local WORDS = {
  fig = 'figure', tbl = 'table', sec = 'section', ex = 'exercise', eq = 'equation',
  answer = 'the answer to exercise',
}

local function find(id)
  local l = labels[id]
  if not l and not DRAFT then problem('nothing is labelled %s', id) end
  return l
end

-- What a page calls itself before its number: chapter 1, program 1 (of number P1), appendix A. The
-- answers (S) are called by their title.
local function word_of_page(num)
  if num:match '^P%d' then return 'program' end
  if num:match '^%d' then return 'chapter' end
  if num ~= '' and num ~= 'S' then return 'appendix' end
end

local function number_of_page(num) return (num:gsub('^P', '')) end

local function is_program() return page:match '^P%-' ~= nil end

local function capitalised(s) return s:sub(1, 1):upper() .. s:sub(2) end

-- The words of a reference: (1.1) for an equation, figure 1.2 for a figure, the title where there
-- is no word or no number.
local function reference_text(l, capital, number_only, bracketed)
  if number_only then return l.num end
  local kind = l.kind == 'def' and 'eq' or l.kind
  local num, word = l.num, WORDS[kind]
  if kind == 'ch' then
    word = word_of_page(num)
    num = number_of_page(num)
  end
  if num == '' or not word then return l.title end
  if kind == 'eq' and not bracketed then num = '(' .. num .. ')' end
  if kind == 'eq' and not bracketed and not capital then return num end
  if capital then word = capitalised(word) end
  return word .. '\u{a0}' .. num
end

local function reference(citation, bracketed)
  local id = citation.id
  local name = id:match '^[Vv]al:(.+)$'
  if name then return value(name) end
  local capital = id:match '^%u' ~= nil
  id = id:sub(1, 1):lower() .. id:sub(2)
  local l = find(id)
  if not l then return draft(id) end
  local text = reference_text(l, capital, citation.mode == 'SuppressAuthor', bracketed)
  return pandoc.Link({pandoc.Str(text)}, address(id, l.page), '', {class = 'ref'})
end

local function needs_space(suffix)
  if #suffix == 0 or suffix[1].t == 'Space' then return false end
  return not pandoc.utils.stringify(suffix):match '^[,.;:]'
end

-- @eq:a stands in the text, [see @eq:a; @fig:b] in brackets, [-@eq:a] is the number alone.
local function Cite(el)
  local mode = el.citations[1].mode
  local bracketed = mode ~= 'AuthorInText'
  local out = pandoc.List()
  for i, c in ipairs(el.citations) do
    if i > 1 then out:extend {pandoc.Str ',', pandoc.Space()} end
    out:extend(c.prefix)
    if #c.prefix > 0 then out:insert(pandoc.Space()) end
    out:insert(reference(c, bracketed and c.mode ~= 'SuppressAuthor'))
    if needs_space(c.suffix) then out:insert(pandoc.Space()) end
    out:extend(c.suffix)
  end
  local number_alone = #el.citations == 1 and mode == 'SuppressAuthor'
  if bracketed and not number_alone then
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
  if l then
    el.target = address(id, l.page)
  elseif id:match '^[a-z]+:' then
    find(id)
    return el.content
  end
  return el
end

-- ------------------------------------------------------------------ formulas

-- A formula as MathML; a long one within a line scrolls in its own box on a narrow screen.
local function mathml(el)
  local doc = pandoc.Pandoc {pandoc.Plain {el}}
  local s = pandoc.write(doc, 'html', pandoc.WriterOptions {html_math_method = 'mathml'})
  if not s:match '<math' then problem('the formula %s cannot be put into MathML', el.text) end
  s = for_browsers(s):gsub('\n$', '')
  if el.mathtype == 'InlineMath' and #el.text > 40 then
    s = '<span class="long">' .. s .. '</span>'
  end
  return raw(s)
end

local function value_in_formula(name)
  local v = value(name)
  if v.t == 'Math' then return v.text end
  if v.t == 'Str' then return (v.text:gsub('−', '-')) end
  return '{??}'
end

-- @val:name in a formula is a value too. Displayed formulas are set with their numbers, in
-- equations().
local function Math(el)
  el.text = el.text:gsub('@val:([%w_.-]*[%w_])', value_in_formula)
  if LATEX or el.mathtype == 'DisplayMath' then return el end
  return mathml(el)
end

-- ------------------------------------------------------------------ equations

local function test_names(list)
  local names = {}
  for i = 1, math.min(#list, 3) do
    local t = list[i]
    names[i] = 'tests/' .. t.program .. '.c, test ' .. t.number .. ': ' .. t.title
  end
  if #list > 3 then names[4] = 'and ' .. #list - 3 .. ' more' end
  return table.concat(names, '; ')
end

-- The mark that says which tests checked an equation.
local function mark(id)
  local list = tests()[id]
  if not list or labels[id].kind == 'def' then return '' end
  if LATEX then return '\\testmark{test-' .. id .. '}' end
  return string.format(
    '<a class="mark" href="%s" title="Checked by %s" aria-label="Equation %s is tested">✓</a>',
    address('test-' .. id, 'Z-index'), html(test_names(list)), labels[id].num)
end

local function equation(math, id)
  local l = find(id)
  if not l then return {math} end
  if LATEX then
    local form = '\\begin{equation*}\\eqtarget{%s}%s\\tag*{%s(%s)}\\end{equation*}'
    return {raw(form:format(id, trimmed(math.text), mark(id), l.num))}
  end
  local link = string.format('<a href="#%s" aria-label="Link to equation %s">(%s)</a>',
    id, l.num, l.num)
  return {
    raw('<span class="equation" id="' .. id .. '"><span class="formula">'),
    mathml(math),
    raw('</span><span class="number">' .. mark(id) .. link .. '</span></span>'),
  }
end

local function is_space(el) return el.t == 'Space' or el.t == 'SoftBreak' end

-- The label {#eq:name} after the inline at place i: the name, the place of its last inline, and
-- what follows the bracket there. To pandoc the label is text, of several words if it has a class.
local function label_after(inlines, i)
  local j = i + 1
  while inlines[j] and is_space(inlines[j]) do j = j + 1 end
  local first = inlines[j]
  if not (first and first.t == 'Str' and first.text:match '^{#eq:') then return nil end
  local s = ''
  while inlines[j] do
    s = s .. (inlines[j].text or ' ')
    if s:match '}' then return s:match '#([^%s}]+)', j, s:match '}(.*)$' end
    j = j + 1
  end
end

-- The displayed formulas of a paragraph, with their numbers; nil if there is nothing to change.
local function equations(inlines)
  local out, i, found = pandoc.List(), 1, false
  while i <= #inlines do
    local el = inlines[i]
    local displayed = el.t == 'Math' and el.mathtype == 'DisplayMath'
    local id, last, rest
    if displayed then id, last, rest = label_after(inlines, i) end
    if id then
      out:extend(equation(el, id))
      if rest ~= '' then out:insert(pandoc.Str(rest)) end
      i = last
      found = true
    elseif displayed and not LATEX then
      out:insert(raw '<span class="equation"><span class="formula">')
      out:insert(mathml(el))
      out:insert(raw '</span></span>')
      found = true
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

-- Whatever its address, an image says in words what it shows.
local function Image(el)
  if (el.attributes.alt or ''):match '%S' then return nil end
  local name = el.identifier ~= '' and el.identifier or el.src
  problem('the figure %s has no alternative text (alt="...")', name)
end

-- width=70% is a part of the measure
local function width(el)
  local percent = el.attributes.width and el.attributes.width:match '^(%d+)%%$'
  if not percent then return '' end
  if LATEX then return string.format('[width=%.2f\\linewidth]', percent / 100) end
  return string.format(' style="width: %d%%"', percent)
end

local function picture(img, name)
  local path = string.format('%s/fig/%s.%s', BUILD, name, LATEX and 'pdf' or 'svg')
  if not read_file(path) then
    return written {missing('the figure %s needs %s', img.identifier, path)}
  end
  if LATEX then return string.format('\\bookgraphics%s{%s}', width(img), path) end
  local alt = html(img.attributes.alt or '')
  return string.format('<img src="fig/%s.svg" alt="%s"%s>', name, alt, width(img))
end

local function figure(img)
  local name = img.src:match '^fig:(.+)$'
  local id = img.identifier
  if id == '' then
    problem('the figure %s has no label', name)
    return nil
  end
  local l = find(id)
  if not l then return nil end
  local drawn = picture(img, name)
  local text = caption('Figure', l, img.caption)
  if LATEX then
    local form = '\\begin{bookfigure}%s%s\\bookcaption{%s}\\end{bookfigure}'
    return raw_block(form:format(target(id), drawn, text))
  end
  local form = '<figure id="%s">\n%s\n<figcaption>%s</figcaption>\n</figure>'
  return raw_block(form:format(id, drawn, text))
end

-- In LaTeX a formula that begins a paragraph continues the one before it.
local function formula_first(inlines)
  local first = inlines[1]
  return LATEX and first and first.t == 'Math' and first.mathtype == 'DisplayMath'
end

local function Para(el)
  for _, x in ipairs(el.content) do
    if x.t == 'Image' and x.src:match '^fig:' then
      if #el.content == 1 then return figure(x) end
      problem('the figure %s does not stand in a paragraph of its own', x.src)
    end
  end
  local content = equations(el.content)
  if formula_first(el.content) then
    content = content or el.content
    content:insert(1, raw '\\displaystart')
  end
  if content then return pandoc.Para(content) end
end

local function Plain(el)
  local content = equations(el.content)
  if content then return pandoc.Plain(content) end
end

-- ------------------------------------------------------------------ tables

-- Letters of code are wider than others; in a formula a command counts as one letter.
local function code_letters(s) return 1.25 * utf8.len(s) end
local function math_letters(s) return utf8.len((s:gsub('\\%a+', 'x'):gsub('[{}_^ \\]', ''))) end

-- About how many letters wide a cell is, and its longest word.
local function cell_letters(blocks)
  local sum, word, longest = 0, 0, 0
  local function count(n)
    sum = sum + n
    word = word + n
    longest = math.max(longest, word)
  end
  local function gap()
    sum = sum + 1
    word = 0
  end
  pandoc.walk_block(pandoc.Div(blocks), {
    Str = function(x) count(utf8.len(x.text)) end,
    Code = function(x) count(code_letters(x.text)) end,
    Math = function(x) count(math_letters(x.text)) end,
    Space = gap, SoftBreak = gap, LineBreak = gap,
  })
  return sum, longest
end

local MEASURE = 78      -- letters of a table's size that fit the measure
local GAP = 2.5         -- the space between two columns, in letters

-- The letters of the widest cell and of the longest word of each column, and the sum of the first
-- with the gaps between.
local function lengths(tbl)
  local simple = pandoc.utils.to_simple_table(tbl)
  local all = {simple.header, table.unpack(simple.rows)}
  local letters, words, sum = {}, {}, 0
  for c = 1, #simple.header do
    letters[c], words[c] = 1, 1
    for _, r in ipairs(all) do
      local n, w = cell_letters(r[c])
      letters[c] = math.max(letters[c], n)
      words[c] = math.max(words[c], w)
    end
    sum = sum + letters[c] + GAP
  end
  return letters, words, sum
end

local function is_wide(tbl) return select(3, lengths(tbl)) > MEASURE end

-- Whether all columns have a width, and the same: then nobody chose it.
local function equal_widths(tbl)
  local first = tbl.colspecs[1][2]
  for _, spec in ipairs(tbl.colspecs) do
    if not spec[2] or math.abs(spec[2] - first) > 0.001 then return false end
  end
  return true
end

-- pandoc gives the columns of a table with one long line the widths of the dashes below its head.
-- Where those are equal the columns get what their text needs: their natural width if it fits,
-- else their longest word and a share of the rest by length.
local function balance(tbl)
  if not equal_widths(tbl) then return nil end
  local letters, words, sum = lengths(tbl)
  local spare, wanted = MEASURE - GAP * #letters, 0
  for c, n in ipairs(letters) do
    spare = spare - words[c]
    wanted = wanted + n - words[c]
  end
  for c, spec in ipairs(tbl.colspecs) do
    local extra = math.max(spare, 0) * (letters[c] - words[c]) / math.max(wanted, 1)
    local share = (words[c] + extra + GAP) / MEASURE
    tbl.colspecs[c] = {spec[1], sum > MEASURE and share or nil}
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

-- pandoc writes all tables so that pages can break between their rows.
local function unbreakable(s)
  s = s:gsub('\\begin{longtable}%[%]', '\\begin{tabular}')
  s = s:gsub('\\endhead\n', '')
  return (s:gsub('\\end{longtable}', '\\end{tabular}\\par'))
end

-- A short table is a box, which stays with its caption.
local function latex_table(tbl, head, note, wide)
  local short = table_lines(tbl) <= 24
  local s = written_blocks {tbl}
  if short then s = unbreakable(s) end
  s = (head or '') .. s
  if note then s = s .. '\n\\provenance{' .. tex(note) .. '}' end
  if wide then s = '\\widetable ' .. s end
  return raw_block(short and '\\begin{shorttable}' .. s .. '\\end{shorttable}' or '{' .. s .. '}')
end

local function html_table(id, l, text, tbl, note)
  local form = '<figure class="table" id="%s">\n<figcaption>%s</figcaption>\n' ..
    '<div class="scroll" tabindex="0" role="region" aria-label="Table %s">'
  local foot = note and '<p class="provenance">' .. html(note) .. '</p>' or ''
  return {
    raw_block(form:format(id, text, l.num)),
    tbl,
    raw_block('</div>' .. foot .. '</figure>'),
  }
end

-- A table with its number. The provenance is a list of lines, and nil for a table of the text.
local function table_blocks(id, inlines, tbl, provenance)
  local l = find(id)
  if not l then return nil end
  local text = caption('Table', l, inlines)
  local note = provenance and #provenance > 0 and table.concat(provenance, ' · ')
  if not LATEX then return html_table(id, l, text, tbl, note) end
  local head = string.format('\\tablehead{%s}{%s}', target(id), text)
  return latex_table(tbl, head, note, provenance and is_wide(tbl))
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
  while #content > 0 and is_space(content[#content]) do content:remove() end
  el.caption = {long = {}}
  return table_blocks(id, content, el)
end

-- What a .tsv file says: where it comes from (its comments), its head, its rows.
local function read_tsv(text)
  local provenance, data = {}, {}
  for line in lines(text) do
    if line:match '^#' then
      provenance[#provenance + 1] = line:gsub('^#%s*', '')
    elseif line ~= '' then
      data[#data + 1] = split_tabs(line)
    end
  end
  local head = table.remove(data, 1) or {}
  return provenance, head, data
end

local function is_numeric(data, column)
  for _, r in ipairs(data) do
    local s = r[column] or ''
    if s ~= '' and s ~= '-' and not is_number(s) then return false end
  end
  return #data > 0
end

local function plain_cell(s) return {pandoc.Plain {pandoc.Str(s)}} end
local function tsv_cell(s) return is_number(s) and {pandoc.Plain {number(s)}} or plain_cell(s) end

-- The rows of a .tsv file as a table: numbers to the right, with real minus signs.
local function tsv_table(text)
  local provenance, head, data = read_tsv(text)
  local names, aligns, widths, cells = {}, {}, {}, {}
  for c, name in ipairs(head) do
    names[c] = plain_cell(name)
    aligns[c] = is_numeric(data, c) and 'AlignRight' or 'AlignLeft'
    widths[c] = 0
  end
  for i, r in ipairs(data) do
    cells[i] = {}
    for c = 1, #head do cells[i][c] = tsv_cell(r[c] or '') end
  end
  local simple = pandoc.SimpleTable({}, aligns, widths, names, cells)
  return pandoc.utils.from_simple_table(simple), provenance
end

-- ------------------------------------------------------------------ listings

-- A chunk's name in a listing, as it stands in HTML or LaTeX. [[code]] in it is code; for LaTeX
-- its brackets are the characters 1 and 2 while the rest is escaped.
local function name_in_code(name)
  if LATEX then
    local s = verb((name:gsub('%[%[(.-)%]%]', '\1%1\2')))
    return (s:gsub('\1', '\\texttt{'):gsub('\2', '}'))
  end
  return (html(name):gsub('%[%[(.-)%]%]', '<code>%1</code>'))
end

local function use_in_code(number)
  local id = 'chunk:' .. number
  local l = find(id)
  if not l then return '??' end
  local name = name_in_code(l.title)
  if LATEX then return string.format('\\chunkuse{%s}{%s}{%s}', id, name, number) end
  return string.format(
    '<a class="chunk-use" href="%s">⟨%s <span class="chunk-number">%s</span>⟩</a>',
    address(id, l.page), name, number)
end

local function hole_in_code(number)
  local id = 'answer:' .. number
  local l = labels[id]
  if LATEX then return string.format('\\chunkhole{%s}{%s}', l and id or '', number) end
  local link = ''
  if l then link = string.format(' <a class="peek" href="%s">answer</a>', address(id, l.page)) end
  return string.format('<span class="hole">⟨your answer to %s⟩%s</span>', number, link)
end

-- Chunk names are words while pandoc colours the code (links are not possible in code): NWUSE3d12Z
-- is a use of chunk 3.12, NWHOLE3d1Z the hole of exercise 3.1.
local function link_chunks(s)
  s = s:gsub('NWUSE(%w+)d(%d+)Z', function(a, b) return use_in_code(a .. '.' .. b) end)
  return (s:gsub('NWHOLE(%w+)d(%d+)Z', function(a, b) return hole_in_code(a .. '.' .. b) end))
end

-- What pandoc does not colour lacks the environments; a short listing stays on one page.
local function latex_listing(s, text)
  if not s:match '\\begin{Highlighting}' then
    s = '\\begin{Shaded}\n\\begin{Highlighting}[]\n' .. verb(text) ..
      '\n\\end{Highlighting}\n\\end{Shaded}'
  end
  local _, breaks = text:gsub('\n', '')
  if breaks < 8 then
    s = s:gsub('\\begin{Highlighting}%[%]', '\\begin{Highlighting}[samepage=true]')
  end
  return link_chunks(s)
end

-- pandoc numbers every line with an empty link, which the keyboard would stop at.
local EMPTY_LINK = '<span id="[^"]*"><a href="[^"]*" aria%-hidden="true" tabindex="%-1"></a>'
local function html_listing(s)
  s = link_chunks(s):gsub(EMPTY_LINK, '<span>')
  return (s:gsub('<pre', '<pre tabindex="0"', 1))
end

-- Code with colours.
local listing_count = 0       -- for the addresses of listings that have none
local function listing(text, class, id)
  text = text:gsub('^[ \n]*\n', ''):gsub('%s+$', '')
  listing_count = listing_count + 1
  id = id or 'code-' .. page .. '-' .. listing_count
  local cb = pandoc.CodeBlock(text, pandoc.Attr(id, {class}))
  local s = pandoc.write(pandoc.Pandoc {cb}, WRITER)
  return raw_block(LATEX and latex_listing(s, text) or html_listing(s))
end

local function CodeBlock(el)
  local id = el.identifier ~= '' and el.identifier or nil
  return listing(el.text, el.classes[1] or 'text', id)
end

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
    if line:match '%S' then
      local blanks = #line:match '^ *'
      margin = math.min(margin or blanks, blanks)
    end
  end
  return (('\n' .. text):gsub('\n' .. (' '):rep(margin or 0), '\n'):sub(2))
end

-- The lines between /* begin part */ and /* end part */.
local function lines_of_part(text, part)
  local plain = part:gsub('%p', '%%%0')
  local first = '/%* begin ' .. plain .. ' %*/[^\n]*\n'
  local last = '[^\n]*/%* end ' .. plain .. ' %*/'
  local body = text:match(first .. '(.-)' .. last)
  return body and without_margin((body:gsub('%s+$', '')))
end

local function excerpt(el)
  local file, part = el.attributes.file or '', el.attributes.part or ''
  local text = read_file(file)
  if not text then return pandoc.Para {missing('the excerpt needs the file %s', file)} end
  local body = lines_of_part(text, part)
  if not body then
    local message = '%s has no lines between /* begin %s */ and /* end %s */'
    return pandoc.Para {missing(message, file, part, part)}
  end
  local head = written {
    Code(pandoc.Code(file)), pandoc.Str ',', pandoc.Space(), pandoc.Emph(parsed(part)),
  }
  local open = '<div class="chunk excerpt"><div class="chunk-head"><p>' .. head .. '</p></div>'
  local close = '</div>'
  if LATEX then
    open = '\\begin{chunk}\\listinghead{' .. head .. '}'
    close = '\\end{chunk}'
  end
  return {raw_block(open), listing(body, 'c'), raw_block(close)}
end

local function transcript_latex(command, rest)
  local s = '\\command{' .. verb(command) .. '}\n'
  if rest ~= '' then s = s .. verb(rest) .. '\n' end
  return '\\begin{Transcript}\n' .. s .. '\\end{Transcript}'
end

local function transcript_html(command, rest)
  return '<pre class="transcript" tabindex="0"><code><span class="command">' .. html(command) ..
    '</span>\n' .. html(rest) .. '</code></pre>'
end

local function transcript(el)
  local run = el.attributes.run or ''
  local path = string.format('%s/out/%s.txt', BUILD, run:gsub(' ', '-'):gsub('/', '_'))
  local text = read_file(path)
  if not text then
    return pandoc.Para {missing('no transcript of "%s": %s is missing', run, path)}
  end
  local command, rest = text:gsub('%s+$', ''):match '^(%$ [^\n]*)\n?(.*)$'
  if not command then
    problem('%s does not start with the command', path)
    return nil
  end
  return raw_block((LATEX and transcript_latex or transcript_html)(command, rest))
end

local function tsv(el)
  local file = el.attributes.file or ''
  local text = read_file(BUILD .. '/out/' .. file) or read_file('book/results/' .. file)
  if not text then
    return pandoc.Para {missing('the table %s needs %s', el.identifier, file)}
  end
  if el.identifier == '' then
    problem('the table %s has no label', file)
    return nil
  end
  local tbl, provenance = tsv_table(text)
  local inlines = el.content[1] and el.content[1].content or {}
  return table_blocks(el.identifier, inlines, tbl, provenance)
end

local function wrap(el, before, after)
  local out = pandoc.List {raw_block(before)}
  out:extend(el.content)
  out:insert(raw_block(after))
  return out
end

-- The number of a chunk links to itself, for the reader who wants its address.
local function chunk_head_html(el)
  local head = el.content[1].content
  for i, x in ipairs(head) do
    if x.classes and x.classes:includes 'chunk-number' then
      local n = pandoc.utils.stringify(x)
      local attributes = {class = 'chunk-number', ['aria-label'] = 'Link to chunk ' .. n}
      head[i] = pandoc.Link(x.content, '#chunk:' .. n, '', attributes)
    end
  end
  return el
end

-- weave.awk writes three spans: the name, the sign ≡ or +≡, the number.
local function chunk_head_latex(el)
  local part = {}
  for _, x in ipairs(el.content[1].content) do
    if x.t == 'Span' then part[#part + 1] = written(x.content) end
  end
  local name, sign, num = table.unpack(part)
  sign = sign:match '+' and '{+}{\\equiv}' or '{\\equiv}'
  return raw_block(string.format('\\chunkhead{%s}{%s}{%s}', name, sign, num))
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
    if #all == 0 or all[#all].program ~= t.program then
      all[#all + 1] = {program = t.program}
    end
    table.insert(all[#all], t)
  end
  return all
end

-- Of many tests in one program only the first are shown: the report of the program has them all.
local SHOWN = 6
local function program_tests(p)
  local list = pandoc.List {Code(pandoc.Code('tests/' .. p.program .. '.c'))}
  for i = 1, math.min(#p, SHOWN) do
    list:insert(pandoc.Str(i > 1 and ';' or ''))
    list:insert(pandoc.Space())
    list:insert(pandoc.Emph {pandoc.Str(p[i].number)})
    list:insert(pandoc.Str '\u{a0}')
    list:extend(words(p[i].title))
  end
  if #p > SHOWN then list:extend(words('; and ' .. #p - SHOWN .. ' more')) end
  return list
end

local function tests_of_equation(id)
  local list = pandoc.List()
  for i, p in ipairs(by_program(tests()[id] or {})) do
    if i > 1 then list:insert(pandoc.LineBreak()) end
    list:extend(program_tests(p))
  end
  if #list == 0 then list:insert(pandoc.Str '—') end
  return list
end

local function numbered_equations()
  local ids = {}
  for id, l in pairs(labels) do
    if l.kind == 'eq' then ids[#ids + 1] = id end
  end
  table.sort(ids, function(a, b) return labels[a].order < labels[b].order end)
  return ids
end

-- Every numbered equation with the tests that check it.
local function equation_tests()
  local cells = {}
  for i, id in ipairs(numbered_equations()) do
    local l = labels[id]
    local name = 'test-' .. id
    local anchor = raw(LATEX and target(name) or '<span id="' .. name .. '"></span>')
    local link = pandoc.Link({pandoc.Str('(' .. l.num .. ')')}, address(id, l.page))
    cells[i] = {{pandoc.Plain {anchor, link}}, {pandoc.Plain(tests_of_equation(id))}}
  end
  if #cells == 0 then return pandoc.Para {pandoc.Str 'There are none.'} end
  local head = {plain_cell 'Equation', plain_cell 'Tests'}
  local aligns, widths = {'AlignLeft', 'AlignLeft'}, {0.13, 0.87}
  return pandoc.utils.from_simple_table(pandoc.SimpleTable({}, aligns, widths, head, cells))
end

local function chunk(el)
  if not LATEX then return nil end
  return wrap(el, '\\begin{chunk}' .. target(el.identifier) .. '\\nobreak', '\\end{chunk}')
end

local function chunk_foot(el)
  if not LATEX then return nil end
  return raw_block('\\chunkfoot{' .. written(el.content[1].content) .. '}')
end

local function index(el)
  if not LATEX then return nil end
  return wrap(el, '\\begin{bookindex}', '\\end{bookindex}')
end

-- The first page of a part of the book opens it: on paper with a page of its own.
local function part(el)
  if not LATEX then return {} end
  local title = written(el.content[1].content)
  return raw_block(string.format('\\bookpart{%s}{part:%s}{%s}', el.attributes.number,
    el.attributes.number, title))
end

-- A fenced div of this class is set by this function; a new kind of block begins here.
local DIVS = {
  transcript = transcript,
  excerpt = excerpt,
  tsv = tsv,
  ['equation-tests'] = equation_tests,
  ['chunk-head'] = LATEX and chunk_head_latex or chunk_head_html,
  chunk = chunk,
  ['chunk-foot'] = chunk_foot,
  index = index,
  part = part,
}

local function Div(el)
  for _, class in ipairs(el.classes) do
    if DIVS[class] then return DIVS[class](el) end
  end
end

-- ------------------------------------------------------------------ headings

local function heading_latex(el, command, ...)
  local title = written(el.content)
  local plain = pandoc.utils.stringify(el.content)
  if title ~= plain then
    title = string.format('\\texorpdfstring{%s}{%s}', title, tex(plain):gsub('[{}]', ''))
  end
  local args = ''
  for _, a in ipairs {...} do args = args .. '{' .. a .. '}' end
  return raw_block(string.format('\\%s%s{%s}{%s}', command, args, el.identifier, title))
end

local function heading_html(el, number)
  if number then
    local link = string.format('<a class="number" href="#%s">%s</a> ', el.identifier, number)
    el.content:insert(1, raw(link))
  end
  el.classes = el.classes:filter(function(c) return c ~= 'unnumbered' end)
  return el
end

local function exercise_latex(el, l)
  return heading_latex(el, 'exercise', l.num, l.kind == 'answer' and 'ex:' .. l.num or '')
end

local function exercise_html(el, l)
  el.classes:insert 'exercise'
  if l.kind == 'answer' then
    local id = 'ex:' .. l.num
    local link = '<a class="peek" href="' .. address(id, labels[id].page) .. '">exercise</a>'
    el.content:insert(raw(' ' .. link))
  end
  return heading_html(el, 'Exercise ' .. l.num)
end

local PLAIN_HEADINGS = {'bookplainchapter', 'bookplainsection', 'booksubsection'}
local function header_latex(el, number)
  local word = number and word_of_page(number)
  if word and el.level == 1 then
    return heading_latex(el, 'book' .. word, number)
  end
  if number and el.level == 2 then
    return heading_latex(el, is_program() and 'programsection' or 'booksection', number)
  end
  return heading_latex(el, PLAIN_HEADINGS[el.level] or 'bookparagraph')
end

local function header_html(el, number)
  local word = number and word_of_page(number)
  if word and el.level == 1 then
    return heading_html(el, capitalised(word) .. ' ' .. number_of_page(number))
  end
  return heading_html(el, el.level == 2 and number)
end

local function Header(el)
  if el.level == 1 and not labels[el.identifier] then el.identifier = 'ch:' .. page end
  local l = labels[el.identifier]
  -- headings without a label get addresses of their own: in the PDF all chapters are one document
  if not l and not el.identifier:match ':' then el.identifier = page .. '-' .. el.identifier end
  if l and (l.kind == 'ex' or l.kind == 'answer') then
    return (LATEX and exercise_latex or exercise_html)(el, l)
  end
  local number = l and l.num ~= '' and l.num
  return (LATEX and header_latex or header_html)(el, number)
end

-- ------------------------------------------------------------------ the page

local function load_labels(path)
  for n, r in ipairs(rows(path)) do
    local label, num, kind, at, title = table.unpack(r)
    labels[label] = {num = num, kind = kind, page = at, title = title or '', order = n}
    if kind == 'ch' then chapters[#chapters + 1] = label end
  end
  if not next(labels) then error('no labels in ' .. path) end
end

local function Meta(meta)
  page = pandoc.utils.stringify(meta.page)
  load_labels(pandoc.utils.stringify(meta.refs))
end

local function chapter_link(id)
  local l = labels[id]
  local text = parsed(l.title)
  if l.num ~= '' then
    text:insert(1, pandoc.Str(l.num))
    text:insert(2, pandoc.Space())
  end
  return {url = l.page .. '.html', title = pandoc.MetaInlines(text)}
end

local function without_links(inlines)
  local bare = {Link = function(x) return x.content end}
  return pandoc.walk_inline(pandoc.Span(inlines), bare).content
end

local function section_link(heading)
  local l = labels[heading.identifier]
  local text = without_links(heading.content)
  if l and l.num ~= '' then
    text:insert(1, pandoc.Span({pandoc.Str(l.num)}, {class = 'number'}))
    text:insert(2, pandoc.Space())
  end
  local id = l and heading.identifier or page .. '-' .. heading.identifier
  return pandoc.Link(text, '#' .. id)
end

-- The sections of a chapter, for the top of its page.
local function section_list(blocks)
  local items = {}
  for _, b in ipairs(blocks) do
    if b.t == 'Header' and b.level == 2 then
      items[#items + 1] = {pandoc.Plain {section_link(b)}}
    end
  end
  return #items > 1 and pandoc.BulletList(items) or nil
end

local function insert_section_list(blocks)
  local list = section_list(blocks)
  if not list then return end
  for i, b in ipairs(blocks) do
    if b.t == 'Header' and b.level == 1 then
      blocks:insert(i + 1, raw_block '<nav class="sections" aria-label="In this chapter">')
      blocks:insert(i + 2, list)
      blocks:insert(i + 3, raw_block '</nav>')
      return
    end
  end
end

-- The drawing on the first page: gradient descent on (x^2 + 6 y^2)/2 with rate 0.28, over level
-- lines. template.tex draws the same.
local function ornament()
  local levels, points, dots = {}, {}, {}
  for i = 1, 14 do
    local r = i * 12.4
    levels[i] = string.format('<ellipse rx="%.1f" ry="%.1f"/>', r, r / math.sqrt(6))
  end
  local x, y = 136, -40
  for i = 1, 15 do
    points[i] = string.format('%.1f,%.1f', x, y)
    dots[i] = string.format('<circle cx="%.1f" cy="%.1f" r="2"/>', x, y)
    x = 0.72 * x
    y = -0.68 * y
  end
  local path = '<polyline points="' .. table.concat(points, ' ') .. '"/>'
  return table.concat(levels) .. path .. table.concat(dots)
end

local function place_of_chapter()
  for i, id in ipairs(chapters) do
    if labels[id].page == page then return i end
  end
end

-- The page's title, and the ways to the pages before and after it.
local function add_chapter(meta, i)
  local l = labels[chapters[i]]
  local before, after = chapters[i - 1], chapters[i + 1]
  meta.prev = before and chapter_link(before) or {url = 'index.html', title = 'Contents'}
  meta.next = after and chapter_link(after)
  meta.pagetitle = pandoc.utils.stringify(parsed(l.title))
  if l.num ~= '' then meta.pagetitle = l.num .. ' ' .. meta.pagetitle end
end

local function add_index(meta)
  meta['is-index'] = true
  meta.ornament = pandoc.MetaInlines {raw(ornament())}
  meta.next = chapter_link(chapters[1])
end

-- First the parts of the page that need the headings as they were written.
local function before(doc)
  if LATEX then return nil end
  insert_section_list(doc.blocks)
  local i = place_of_chapter()
  if i then add_chapter(doc.meta, i) end
  if page == 'index' then add_index(doc.meta) end
  return doc
end

local function after()
  if #problems == 0 then return end
  io.stderr:write(table.concat(problems, '\n'), '\n')
  os.exit(1)
end

-- One line is one walk over the page. A walk sees all inlines before the blocks, so Para finds its
-- references made, and its displayed formulas as Math left them for equations().
return {
  {Meta = Meta},
  {Pandoc = before},
  {Header = Header, Table = balance},
  {Para = Para, Plain = Plain, Cite = Cite, Link = Link, Math = Math, Code = Code, Image = Image},
  {Table = Table, Div = Div, CodeBlock = CodeBlock},
  {Pandoc = after},
}
