<?xml version="1.0" encoding="UTF-8"?>
<!--
  Reads the parsed job (main document) and the profile.  Writes the experiences that fit best,
  best first, each with the bullets that fit best.  A score is the sum of the weights of those
  keywords of the job that stand in the text.
-->
<!DOCTYPE xsl:stylesheet [
  <!ENTITY score "sum($keywords[contains(
    concat(' ', normalize-space(translate(current(), $from, $to)), ' '), @match)]/@weight)">
]>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:str="http://exslt.org/strings" exclude-result-prefixes="str">
  <xsl:include href="text.xsl"/>
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <xsl:param name="profile"/>
  <xsl:param name="fast_mode"/>

  <xsl:variable name="keep" select="4 - ($fast_mode = 'true')"/>
  <xsl:variable name="keep-bullets" select="4 - 2 * ($fast_mode = 'true')"/>
  <xsl:variable name="keywords" select="/job/keyword"/>
  <xsl:variable name="person" select="document(str:encode-uri($profile, false()))/profile"/>

  <xsl:template match="/job">
    <experiences>
      <xsl:for-each select="$person/experiences/experience">
        <xsl:sort select="&score;" data-type="number" order="descending"/>
        <xsl:sort select="@from" order="descending"/>
        <xsl:if test="position() &lt;= $keep">
          <experience score="{&score;}">
            <xsl:copy-of select="@id | @from | @to | title | employer | place"/>
            <xsl:apply-templates select="bullet">
              <xsl:sort select="&score;" data-type="number" order="descending"/>
            </xsl:apply-templates>
          </experience>
        </xsl:if>
      </xsl:for-each>
    </experiences>
  </xsl:template>

  <!-- A bullet without any keyword is always left out. -->
  <xsl:template match="bullet">
    <xsl:if test="position() &lt;= $keep-bullets and &score; > 0">
      <bullet nr="{count(preceding-sibling::bullet) + 1}" score="{&score;}">
        <xsl:value-of select="normalize-space()"/>
      </bullet>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
