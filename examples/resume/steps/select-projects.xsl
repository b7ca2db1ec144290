<?xml version="1.0" encoding="UTF-8"?>
<!--
  Reads the parsed job (main document) and the profile.  Writes the projects that fit best,
  best first; scored as in select-experiences.xsl.
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

  <xsl:variable name="keep" select="3 - ($fast_mode = 'true')"/>
  <xsl:variable name="keywords" select="/job/keyword"/>
  <xsl:variable name="person" select="document(str:encode-uri($profile, false()))/profile"/>

  <xsl:template match="/job">
    <projects>
      <xsl:for-each select="$person/projects/project">
        <xsl:sort select="&score;" data-type="number" order="descending"/>
        <xsl:sort select="@year" data-type="number" order="descending"/>
        <xsl:if test="position() &lt;= $keep and &score; > 0">
          <project score="{&score;}">
            <xsl:copy-of select="@year | @link | name | text"/>
          </project>
        </xsl:if>
      </xsl:for-each>
    </projects>
  </xsl:template>
</xsl:stylesheet>
