<?xml version="1.0" encoding="UTF-8"?>
<!--
  Reads the parsed job (main document) and the profile.  Writes the skills that the job asks
  for, in the profile's groups, best first, and after them the job's keywords, which the tasks
  that follow compare with what was selected.  Scored as in select-experiences.xsl.
-->
<!DOCTYPE xsl:stylesheet [
  <!ENTITY score "sum($keywords[contains(concat(' ', normalize-space(
    translate(concat(current(), ' ', current()/@also), $from, $to)), ' '), @match)]/@weight)">
]>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:str="http://exslt.org/strings" exclude-result-prefixes="str">
  <xsl:include href="text.xsl"/>
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <xsl:param name="profile"/>
  <xsl:param name="fast_mode"/>

  <!-- In each group. -->
  <xsl:variable name="keep" select="7 - 4 * ($fast_mode = 'true')"/>
  <xsl:variable name="keywords" select="/job/keyword"/>
  <xsl:variable name="person" select="document(str:encode-uri($profile, false()))/profile"/>

  <xsl:template match="/job">
    <skills>
      <xsl:for-each select="$person/skills/group">
        <group title="{@title}">
          <xsl:for-each select="skill">
            <xsl:sort select="&score;" data-type="number" order="descending"/>
            <xsl:if test="position() &lt;= $keep and &score; > 0">
              <skill level="{@level}" score="{&score;}"><xsl:value-of select="."/></skill>
            </xsl:if>
          </xsl:for-each>
        </group>
      </xsl:for-each>
      <xsl:copy-of select="keyword"/>
    </skills>
  </xsl:template>
</xsl:stylesheet>
