-- mathml.lua - pandoc's MathML, put right for browsers.
--
-- Browsers read MathML Core. The pandoc of Debian 12 (2.17) writes MathML 3: attributes that Core
-- has dropped, and operators without the spaces and forms that Core can no longer guess. Each
-- function below mends one such mistake, and its comment says what pandoc writes and why that is
-- wrong. tests/mathml.t has a formula for each: it fails when pandoc no longer makes the mistake,
-- and then the function is to be deleted, here and there.
--
-- This file is a function from the text of a <math> element to the text of a better one.

-- \mathrm{Var} is <mstyle mathvariant="normal"> around one <mi> for each letter. Core knows
-- mathvariant on <mi> alone, so a browser would set V a r in italics, as a product.
local function upright_words(s)
  return (s:gsub('<mstyle mathvariant="normal">(.-)</mstyle>', function(inside)
    local letters = inside:gsub('<mi>([^<]*)</mi>', '%1')
    if not letters:find '<' then return '<mi mathvariant="normal">' .. letters .. '</mi>' end
  end))
end

-- The rows of {aligned} are a <mtable> like that of a matrix, which a browser sets as if within a
-- line: small fractions, limits beside the sum. What is aligned is displayed; style.css knows its
-- class.
local function aligned_rows(s)
  local first = '<mtr><mtd columnalign="right"'
  local aligned = '<mtable class="aligned" displaystyle="true">'
  return (s:gsub('<mtable>' .. first, aligned .. first))
end

-- columnalign is not in Core, so every column would be centred. Chromium moves a formula in its
-- cell for -webkit-right alone, which the others know too.
local function column_sides(s)
  return (s:gsub('columnalign="(%a+)"', 'style="text-align: -webkit-%1"'))
end

-- The name of a function is an operator that no browser knows, and gets the wide space of an
-- unknown operator on both sides. It wants a thin one before it, and none before its own bracket,
local function function_of_bracket(s)
  return (s:gsub('<mo>(%a%w+)</mo>(<mrow><mo [^>]*form="prefix">%()',
    '<mo lspace="0.17em" rspace="0">%1</mo>%2'))
end

-- nor before one with an exponent or an index, as in \log(x)^2,
local function function_of_power(s)
  return (s:gsub('<mo>(%a%w+)</mo>(<msu%a+><mrow><mo [^>]*form="prefix">%()',
    '<mo lspace="0.17em" rspace="0">%1</mo>%2'))
end

-- but a thin one before a bare argument, as in \log x.
local function function_of_word(s)
  return (s:gsub('<mo>(%a%w+)</mo>', '<mo lspace="0.17em" rspace="0.17em">%1</mo>'))
end

-- Whether nothing stands at the end of s that an operator could join to what follows: s ends with
-- another operator, or with the beginning of an element.
local function opens(s)
  local operator, sign = s:match '(<mo[^>]*>)([^<]*)</mo>$'
  if not operator then return s:match '<%a[^>]*>$' ~= nil end
  return not operator:find 'postfix' and not sign:match '^[|%)%]]$' and sign ~= '‖'
end

-- The thin space before a function parts it from what it multiplies; an operator or a bracket
-- before it has a space of its own.
local function function_at_start(s)
  return (s:gsub('()<mo lspace="0.17em"', function(at)
    if opens(s:sub(1, at - 1)) then return '<mo lspace="0"' end
  end))
end

-- A browser takes a minus for a sign at the start of a row alone. After an operator, a bracket or
-- a comma it would be a difference, with space on both sides.
local function minus_signs(s)
  return (s:gsub('()<mo>−</mo>', function(at)
    if opens(s:sub(1, at - 1)) then return '<mo form="prefix">−</mo>' end
  end))
end

local TALL = {'<mfrac', '<mtable', '<munder', '<mover', '<msqrt'}
local function is_tall(s)
  for _, tag in ipairs(TALL) do
    if s:find(tag, 1, true) then return true end
  end
  return false
end

-- Every bracket is one that may grow, and a browser sets such a bracket with space around it.
-- Only those around something tall need to.
local function calm_brackets(s)
  local out = {}        -- s in pieces, each bracket a piece of its own
  local open = {}       -- the brackets not yet closed: {piece, where its inside begins}
  local at = 1          -- the end of what is in out
  for start, bracket, form, stop in s:gmatch '()(<mo stretchy="true" form="(%a+)">)()' do
    out[#out + 1] = s:sub(at, start - 1)
    out[#out + 1] = bracket
    at = stop
    if form == 'prefix' then
      open[#open + 1] = {piece = #out, inside = stop}
    elseif form == 'postfix' and #open > 0 then
      local first = table.remove(open)
      if not is_tall(s:sub(first.inside, start - 1)) then
        out[first.piece] = '<mo stretchy="false" form="prefix">'
        out[#out] = '<mo stretchy="false" form="postfix">'
      end
    end
  end
  return table.concat(out) .. s:sub(at)
end

-- To a browser ∥ is a relation (parallel to), whatever form is written: with space on both sides.
local function norm_bars(s)
  return (s:gsub('form="%a+">∥</mo>', 'lspace="0" rspace="0">∥</mo>'))
end

return function(s)
  s = upright_words(s)
  s = aligned_rows(s)
  s = column_sides(s)
  s = function_of_bracket(s)
  s = function_of_power(s)
  s = function_of_word(s)
  s = function_at_start(s)
  s = minus_signs(s)
  s = calm_brackets(s)
  s = norm_bars(s)
  return s
end
