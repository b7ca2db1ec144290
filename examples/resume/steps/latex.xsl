<?xml version="1.0" encoding="UTF-8"?>
<!--
  Included by the LaTeX steps: all text of the application is escaped here.  Whatever is a
  command or a ligature to LaTeX is printed as the character that it is in the text.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:variable name="special">\{}&amp;%$#_^~&lt;>"`-[</xsl:variable>
  <xsl:variable name="backslashes">\\\\\\\\\\\\\\\\</xsl:variable>

  <!-- For each special character: copy the text before it, print it escaped, continue after it. -->
  <xsl:template name="escape">
    <xsl:param name="text"/>
    <xsl:param name="url"/>
    <xsl:variable name="marked" select="translate($text, $special, $backslashes)"/>
    <xsl:choose>
      <xsl:when test="contains($marked, '\')">
        <xsl:variable name="before" select="substring-before($marked, '\')"/>
        <xsl:variable name="rest" select="substring($text, string-length($before) + 1)"/>
        <xsl:value-of select="$before"/>
        <xsl:call-template name="character">
          <xsl:with-param name="c" select="substring($rest, 1, 1)"/>
          <xsl:with-param name="next" select="substring($rest, 2, 1)"/>
          <xsl:with-param name="url" select="$url"/>
        </xsl:call-template>
        <xsl:call-template name="escape">
          <xsl:with-param name="text" select="substring($rest, 2)"/>
          <xsl:with-param name="url" select="$url"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="character">
    <xsl:param name="c"/>
    <xsl:param name="next"/>
    <xsl:param name="url"/>
    <xsl:choose>
      <xsl:when test="$c = '~' and $url">\~</xsl:when>
      <xsl:when test="$c = '\'">\textbackslash{}</xsl:when>
      <xsl:when test="$c = '^'">\textasciicircum{}</xsl:when>
      <xsl:when test="$c = '~'">\textasciitilde{}</xsl:when>
      <xsl:when test="$c = '&lt;'">\textless{}</xsl:when>
      <xsl:when test="$c = '>'">\textgreater{}</xsl:when>
      <xsl:when test="$c = '&quot;'">\textquotedbl{}</xsl:when>
      <xsl:when test="$c = '`'">\`{}</xsl:when>
      <xsl:when test="$c = '['">{[}</xsl:when>
      <xsl:when test="$c = '-' and $next = '-'">-{}</xsl:when>
      <xsl:when test="$c = '-'">-</xsl:when>
      <xsl:otherwise><xsl:value-of select="concat('\', $c)"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- The first argument of \href. -->
  <xsl:template match="text() | @*" mode="url">
    <xsl:call-template name="escape">
      <xsl:with-param name="text" select="."/>
      <xsl:with-param name="url" select="true()"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template match="text() | @*">
    <xsl:call-template name="escape"><xsl:with-param name="text" select="."/></xsl:call-template>
  </xsl:template>
</xsl:stylesheet>
